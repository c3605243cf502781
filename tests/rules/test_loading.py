"""Rule sets of one file, of several and of a folder; files that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.rules import InvalidRules, Limits, load, loading

HEAD = "ruleset: shop\ncurrencies: [USD]\n"


def promotion(id: str, percent: int = 5) -> str:
    return f"promotions:\n  {id}:\n    layer: item\n    reward: {{percent_off: {{of: cart, percent: {percent}}}}}\n"


def codes(caught: pytest.ExceptionInfo[InvalidRules]) -> list[tuple[str, int, str]]:
    return [(Path(issue.position.file).name, issue.position.line, issue.code) for issue in caught.value.issues]


def test_a_folder_is_one_rule_set(tmp_path: Path) -> None:
    (tmp_path / "head.yaml").write_text(HEAD)
    (tmp_path / "spring").mkdir()
    (tmp_path / "spring" / "shoes.yml").write_text("segments: {shoes: item.sku == 'A'}\n" + promotion("b"))
    (tmp_path / "all.yaml").write_text(promotion("a"))
    (tmp_path / "LOUD.YAML").write_text(promotion("c"))
    (tmp_path / "notes.txt").write_text("not: [a rule")
    (tmp_path / ".#all.yaml").write_text("not: [a rule")
    rules = load([tmp_path])
    assert [each.id for each in rules.promotions] == ["a", "b", "c"]
    assert [each.name for each in rules.segments] == ["cart", "discountable", "shoes"]


def test_a_file_counts_once_however_often_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(HEAD + promotion("a"))
    assert load([tmp_path, tmp_path / "all.yaml", tmp_path / "all.yaml"]).name == "shop"


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    """Kubernetes keeps the files in a hidden folder, and in the mount links to them."""
    (tmp_path / "..2026_06_01").mkdir()
    (tmp_path / "..2026_06_01" / "all.yaml").write_text(HEAD + promotion("a"))
    (tmp_path / "..data").symlink_to("..2026_06_01")
    (tmp_path / "all.yaml").symlink_to("..data/all.yaml")
    assert [each.id for each in load([tmp_path]).promotions] == ["a"]


def test_a_disk_is_no_rule_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_MOST_ENTRIES", 3)
    (tmp_path / "all.yaml").write_text(HEAD + promotion("a"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "notes.txt").write_text("")
    assert len(load([tmp_path]).promotions) == 1
    (tmp_path / "home" / "more.txt").write_text("")
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    assert codes(caught) == [(tmp_path.name, 1, "too_many_files")]


def test_several_files_are_one_rule_set(tmp_path: Path) -> None:
    (tmp_path / "1").write_text(HEAD)
    (tmp_path / "2").write_text(promotion("a"))
    assert (
        load([tmp_path / "1", tmp_path / "2"]).promotions == load([str(tmp_path / "2"), str(tmp_path / "1")]).promotions
    )


def test_what_stands_in_two_files_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(HEAD + promotion("a"))
    (tmp_path / "2.yaml").write_text("ruleset: shop\n" + promotion("a"))
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    assert codes(caught) == [("2.yaml", 1, "duplicate_key"), ("2.yaml", 3, "duplicate_key")]
    assert f"first at {tmp_path / '1.yaml'}:4" in caught.value.issues[1].message


def test_several_rule_sets_are_one_mistake(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(f"ruleset: {name}\ncurrencies: [USD]\nrounding: down\n{promotion('a')}")
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    assert codes(caught) == [("b.yaml", 1, "several_rule_sets")]
    (issue,) = caught.value.issues
    assert issue.message == (
        f"these are 3 rule sets: `b` begins here, `a` at {tmp_path}/a.yaml:1; name the file or folder of each by itself"
    )


@pytest.mark.parametrize("folder", [True, False])
def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path: Path, folder: bool) -> None:
    pipe = tmp_path / "all.yaml"
    os.mkfifo(pipe)
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path if folder else pipe])
    assert codes(caught) == [("all.yaml", 1, "unreadable")]


def test_a_device_is_refused() -> None:
    with pytest.raises(InvalidRules) as caught:
        load(["/dev/zero"])
    assert codes(caught) == [("zero", 1, "unreadable")]


def test_mistakes_of_every_file_are_reported(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(HEAD + "rounding: up\n")
    (tmp_path / "2.yaml").write_text(promotion("a", 101))
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    assert codes(caught) == [("1.yaml", 3, "invalid_value"), ("2.yaml", 4, "invalid_value")]
    assert list(caught.value.sources) == [str(tmp_path / "1.yaml"), str(tmp_path / "2.yaml")]


def test_a_folder_without_rule_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    assert codes(caught) == [(tmp_path.name, 1, "no_files")]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules, match="cannot read the file: No such file or directory"):
        load([tmp_path / "none.yaml"])


def test_the_limit_of_size_is_for_all_files_together(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(HEAD)
    (tmp_path / "2.yaml").write_text(promotion("a"))
    size = len(HEAD) + len(promotion("a"))
    assert load([tmp_path], Limits(size=size)).name == "shop"
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path], Limits(size=size - 1))
    assert codes(caught) == [("2.yaml", 1, "too_large")]


def test_the_limit_of_nodes_is_for_all_files_together(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text("ruleset: shop\ncurrencies: [USD]\n")  # a mapping, three texts, a list, a text
    (tmp_path / "2.yaml").write_text("timezone: UTC\n")
    assert load([tmp_path], Limits(nodes=9)).name == "shop"
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path], Limits(nodes=8))
    assert codes(caught) == [("2.yaml", 1, "too_many_nodes")]
    assert caught.value.issues[0].position.column == len("timezone: ") + 1


def test_as_many_issues_as_the_limit_says(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(HEAD + "".join(f"unknown_{i}: 1\n" for i in range(9)))
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path], Limits(issues=5))
    assert len(caught.value.issues) == 5
    assert caught.value.more
    assert str(caught.value).endswith("\nand more")


def test_what_a_file_that_is_no_yaml_declares_is_missed_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text("ruleset: [")
    (tmp_path / "2.yaml").write_text(promotion("a", 101))
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    assert codes(caught) == [("1.yaml", 1, "syntax")]
