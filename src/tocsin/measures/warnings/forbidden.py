"""What no warning may hold, as patterns over a text as `see` gives it: wide signs such as ， are narrow ones there.

Receives nothing. Gives the patterns of links, accounts and requests in both languages, with why and what to write instead.
A fraudster copies a platform's warnings; what people learn from real ones must not help him.
"""

import re

TOP_LEVEL = (
    "com|cn|net|org|edu|gov|info|biz|top|xyz|vip|cc|tv|me|io|co|app|dev|site|online|shop|store|club|live|link|click|icu|ltd"
    "|pro|wang|work|fun|tech|cloud|win|bid|loan|men|ru|uk|de|fr|jp|kr|hk|tw|sg|my|in|au|us|eu|la|ws|pw|tk|ml|ga|cf|gq"
)
_CHINESE_TOP_LEVEL = "中国|公司|网络|网址|在线|集团|商城|商店|手机|中文网|网站|信息|移动|我爱你"
_END = r"(?=$|[\s/,。!?;:、)”》])"

LINKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[a-z][a-z0-9+.-]{1,15}\s*:\s*[/\\]",
        r"h\s*[tx]\s*[tx]\s*p\s*s?\b",
        r"\bw\s*w\s*w\b",
        r"[@#/\\]\s*[^\W_]",
        r"[^\W_]\.[^\W_]",
        r"[^\W_]\s+[.。·•・‧∙]",
        r"[.。·•・‧∙]\s*[/\\:]",
        r"[·•・‧∙_~^=+|<>{}\[\]]",
        r"[。]\s*[a-z]",
        rf"[。点]\s*(?:{_CHINESE_TOP_LEVEL}){_END}",
        r"[\[({<（【]\s*(?:dot|点|點|\.)\s*[\])}>）】]",
        r"\bdot\b",
        rf"[点點]\s*(?:{TOP_LEVEL})\b",
        r"[a-z0-9]\s*[点點]\s*[a-z0-9]",
        r"[点點]\s*(?:康姆|康母|扣姆|抗姆|西恩|西恩恩)",
        r"\b(?:com|org|cn|www|https?|url)\b",
    )
)
"""Links and what stands for one: parted, spelled out, with the dots of other scripts. A sign such as @ needs no more."""

LOWER_AFTER_DOT = re.compile(r"[^\W_]\.\s+[a-z]")
"""`example. com`: after a full stop a sentence begins with a capital."""

ACCOUNTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:\b(?:account|user ?name|id|handle|number)|账号|帐号|账户|微信号?|群号|公众号|号码|邮箱|卡号)\s*(?:is|为|是)?\s*[:：]",
        r"[a-z]+\d[a-z\d]*|\d+[a-z]+\d*",
    )
)

ALWAYS: dict[str, tuple[re.Pattern[str], ...]] = {
    "en": (re.compile(r"\b(?:click|tap|swipe)(?:s|ed|ing|ping)?\b", re.IGNORECASE),),
    "zh": (re.compile(r"点击|点按|点此|点这|点一下|戳此|戳这|轻触|轻点|长按"),),
}
"""Never, not even to say that one should not: people remember the word."""

ASKS: dict[str, tuple[re.Pattern[str], ...]] = {
    "en": (
        re.compile(
            r"\b(?:reply|respond|(?:write|text|call|ring|message|phone|email|e-mail|mail|get) (?:us|me|back|back to)\b"
            r"|answer (?:this|us|me)\b|contact (?:us|me)\b|tell us\b|send us\b|let us know\b|call (?:this|the) number)",
            re.IGNORECASE,
        ),
    ),
    "zh": (
        re.compile(
            r"回复|回信|回短信|回电|回拨|联系我|联系本|联络我|致电|拨打(?:以下|下方|下面|此|该|本|我)|告知我们|发给我们|发送给?我们|加我|加群"
        ),
    ),
}
"""Requests to answer; a plain `do not` directly before makes them advice."""

ORDERS: dict[str, tuple[re.Pattern[str], ...]] = {
    "en": (
        re.compile(
            r"\b(?:open|follow|visit|go to|download|install|scan|enter|fill in|log ?in|sign ?in|press|forward|share|add"
            r"|confirm your|verify your|update your|transfer|pay|send)\b",
            re.IGNORECASE,
        ),
    ),
    "zh": (
        re.compile(
            r"(?:打开|访问|前往|下载|安装|扫码|扫描|填写|输入|登录|转发|点开|添加|转账|汇款|付款|支付)(?!之?[前后时])"
        ),
    ),
}
"""What fraudsters order; described it may stand, ordered it may not: at the head of a clause, or after `please`."""

NOT_BEFORE: dict[str, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:do not|don't|don’t|never|must not|should not|need not|no need to|not to) +(?:ever +)?"
        r"(?:[a-z]+(?: +[a-z]+){0,3},? +(?:or|nor) +)?\Z",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:不要|切勿|请勿|千万别|别|勿|不得|不会|不需要|无需|不用|不必|绝不|决不|拒绝)"
        r"(?:您|你)?(?:再|去|先|轻易|随意|随便|急于|马上|立即|向[^,。;!?\n]{0,6}|在[^,。;!?\n]{0,6}|按[^,。;!?\n]{0,6}|给[^,。;!?\n]{0,6})?"
        r"(?:[^,。;!?\n]{1,8}(?:或者|或|、|也不要))?\Z"
    ),
}
"""A negation directly before a word."""

AT_HEAD: dict[str, re.Pattern[str]] = {
    "en": re.compile(r"(?:^|\n|[.!?;:,—–-]|\b(?:please|just|now|then|kindly|must|should)\s)\s*$", re.IGNORECASE),
    "zh": re.compile(r"(?:^|\n|[,。!?;:、]|请您?|需要?|立即|马上|赶紧|赶快|尽快|现在|可以?|就|必须|应当|先)\s*$"),
}
"""Where a verb is an order."""
