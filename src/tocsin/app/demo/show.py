"""The judgement as tables, in English and Chinese."""

from collections.abc import Iterator

from rich.table import Table

from tocsin.app.demo.judgement import Judgement, StoryResult

WORDS = {
    "en": {
        "stories": "{caught} of {total} stories caught",
        "story": "story",
        "class": "class",
        "caught": "first caught",
        "after": "after",
        "rule": "by the rule",
        "saved": "held back",
        "lost": "lost",
        "missed": "missed",
        "minutes": "{n:g} min",
        "good": "Good users: {hurt} of {users} hurt (challenged or worse) on {events} events, {warned} events warned",
        "count": "events",
        "user": "for example",
        "none": "no good user was hurt",
    },
    "zh": {
        "stories": "{total} 个骗局故事，识别 {caught} 个",
        "story": "故事",
        "class": "类型",
        "caught": "首次识别",
        "after": "历时",
        "rule": "命中规则",
        "saved": "拦下金额",
        "lost": "损失金额",
        "missed": "漏过",
        "minutes": "{n:g} 分钟",
        "good": "正常用户：{users} 人中误伤 {hurt} 人（核验及以上），共 {events} 个事件，另有 {warned} 个事件提醒",
        "count": "事件数",
        "user": "例如",
        "none": "没有误伤正常用户",
    },
}


def show_judgement(judgement: Judgement, lang: str) -> Iterator[Table | str]:
    """What was caught and when in the story, what was missed, and whom it hurt."""
    words = WORDS[lang]
    head = [words[key] for key in ("story", "class", "caught", "after", "rule", "saved", "lost")]
    title = words["stories"].format(caught=judgement.caught, total=len(judgement.stories))
    table = Table(*head, title=title, title_justify="left")
    for story in sorted(judgement.stories, key=lambda each: (not each.caught, each.typology, each.story)):
        table.add_row(*_row(story, words))
    yield table
    yield words["good"].format(
        hurt=judgement.hurt_users, users=judgement.good_users, events=len(judgement.hurt), warned=judgement.warned
    )
    if not judgement.hurt:
        yield words["none"]
        return
    hurt = Table(words["rule"], words["count"], words["user"])
    for rule, count in judgement.hurt_by_rule.items():
        example = next(each for each in judgement.hurt if rule in each.rules)
        hurt.add_row(rule, str(count), f"{example.event_id} {example.user} {example.outcome}")
    yield hurt


def _row(story: StoryResult, words: dict[str, str]) -> list[str]:
    money = [f"{amount:,.0f}" if amount else "" for amount in (story.saved, story.lost)]
    if not story.caught:
        return [story.story, story.typology, f"[bold]{words['missed']}[/bold]", "", "", *money]
    after = words["minutes"].format(n=story.after_minutes)
    return [story.story, story.typology, f"{story.stage} {story.outcome}", after, story.rule, *money]
