"""The walls of style.md, with no exceptions list."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))
BANNED = {"utils", "util", "common", "helpers", "helper", "base", "misc", "manager", "process", "handle"}
HOT = {"model", "language", "ingest", "signals", "features", "rules", "decide"}
CLOCKS = {"now", "utcnow", "today", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module", params=MODULES, ids=relative)
def module(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_a_module_has_at_most_300_lines(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= 300


def test_a_function_has_at_most_50_lines_and_five_parameters(module: Path) -> None:
    for function in functions(ast.parse(module.read_text())):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= 50, f"{function.name} has {length} lines"
        if module.parts[-3:-1] == ("app", "cli"):
            continue  # a command's parameters are its options
        arguments = function.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        count = len([name for name in names if name not in {"self", "cls"}])
        assert count <= 5, f"{function.name} has {count} parameters"


def test_a_module_is_named_for_what_it_is(module: Path) -> None:
    names = module.relative_to(ROOT / "src").with_suffix("").parts
    assert not BANNED & {word for name in names for word in name.split("_")}
    tree = ast.parse(module.read_text())
    for function in functions(tree):
        assert function.name.split("_")[0] not in BANNED, function.name
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        words = {word.lower() for word in re.findall("[A-Z][a-z]*", kind.name)}
        assert not BANNED - {"base", "process"} & words, kind.name


def test_no_broad_except_outside_the_outermost_edges(module: Path) -> None:
    if {"app", "client"} & set(module.relative_to(ROOT / "src/tocsin").parts[:1]):
        return  # the two edges: to whoever calls Tocsin, and to the program in which its client runs
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except in line {node.lineno}"
            names = {getattr(name, "attr", getattr(name, "id", "")) for name in ast.walk(node.type)}
            assert not names & {"Exception", "BaseException"}, f"broad except in line {node.lineno}"


def test_no_import_inside_a_function_save_in_the_command_line(module: Path) -> None:
    if "cli" in module.parts:
        return
    for function in functions(ast.parse(module.read_text())):
        for node in ast.walk(function):
            assert not isinstance(node, ast.Import | ast.ImportFrom), f"{function.name} imports"
            assert getattr(node, "id", "") not in {"__import__", "importlib"}, f"{function.name} imports"


def test_the_hot_path_reads_no_clock(module: Path) -> None:
    if module.relative_to(ROOT / "src/tocsin").parts[0] not in HOT:
        return
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Attribute):
            assert node.attr not in CLOCKS, f"{node.attr} in line {node.lineno}"
        assert not (isinstance(node, ast.Import) and any(name.name == "time" for name in node.names))


def test_a_folder_has_at_most_twelve_modules() -> None:
    for folder in {path.parent for path in MODULES}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= 12, f"{relative(folder)} has {len(modules)} modules"


@pytest.mark.parametrize("init", [path for path in MODULES if path.name == "__init__.py"], ids=relative)
def test_a_package_file_holds_only_its_docstring(init: Path) -> None:
    tree = ast.parse(init.read_text())
    assert ast.get_docstring(tree)
    rest = [node for node in tree.body[1:] if not (init.parent.name == "tocsin" and isinstance(node, ast.Assign))]
    assert rest == []


def test_the_layers_hold() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_suppression_that_hides_a_type() -> None:
    for path in MODULES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert "type: ignore" not in line or "type: ignore[" in line, f"{relative(path)}:{number}"
