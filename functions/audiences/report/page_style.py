"""The look of the report page: inline, light and dark, readable when printed, no script and no download."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dfe7; --card: #ffffff;
  --page: #f4f6f9; --good: #0b6b3a; --warn: #8a5200; --bad: #a3162a; --mark: #2457c5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7ecf3; --soft: #a3aebd; --line: #343e4c; --card: #1b222c; --page: #12171e;
    --good: #5fd39a; --warn: #f0b45b; --bad: #ff8d9b; --mark: #8db4ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
p { margin: .25rem 0; }
.soft, small { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1.25rem; margin-top: 1.25rem; overflow-x: auto; }
header.verdict { border-left: .4rem solid var(--good); padding-left: 1rem; }
header.partial { border-color: var(--warn); } header.failed { border-color: var(--bad); }
.numbers { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.numbers b { display: block; font-size: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0;
  border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: .85em ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: .85rem/1.45 ui-monospace, monospace; }
.state { font-weight: 600; white-space: nowrap; }
.state.succeeded, .state.active { color: var(--good); }
.state.partial, .state.skipped, .state.unfinished { color: var(--warn); } .state.failed { color: var(--bad); }
.flow { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0; padding: 0; list-style: none; }
.flow li { flex: 1 1 11rem; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; }
.bar { display: block; height: .5rem; min-width: .25rem; background: var(--mark); border-radius: .25rem; }
.problem { border-left: .25rem solid var(--bad); padding-left: .9rem; margin: 0 0 1.25rem; }
.problem:last-child { margin-bottom: 0; }
dl { margin: .25rem 0 0; display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; }
dt { color: var(--soft); } dd { margin: 0; }
@media print { body { background: none; } section { break-inside: avoid; } }
""".strip()
