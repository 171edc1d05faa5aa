"""What people write on the simulated platform when nothing is wrong."""

SMALL_TALK = (
    "晚上一起吃饭吗", "我到地铁口了", "明天的会改到三点", "哈哈哈好的", "照片发你了", "周末去爬山吧", "妈，钱收到了", "作业写完没",
    "See you at eight", "Thanks, got it", "Running ten minutes late", "生日快乐！", "这个电影还不错", "快递放门口就行", "帮我点个赞吧",
    "路上小心", "你看这个 https://news.example.com/a/1024", "房东说下周来修", "ok", "医生说没什么事",
)  # fmt: skip
SHOP_TALK = (
    "您好，有货的，今天可以发",
    "亲，退款已原路返回",
    "拍下后48小时内发货",
    "Yes, it is in stock",
    "麻烦给个好评，谢谢",
)
PURPOSES = ("", "", "房租", "饭钱", "生活费", "AA", "水电费", "rent", "货款")
GOODS = (
    "手机壳",
    "儿童雨衣",
    "笔记本电脑支架",
    "二手自行车",
    "运动鞋 42码",
    "咖啡豆 500g",
    "考研教材",
    "猫粮",
    "Desk lamp",
    "登山包",
)
POSTS = ("今天的晚霞", "求推荐好看的书", "新开的面馆不错", "My garden in spring", "孩子第一天上学", "出差三天，累")
SMS_PORT = (
    "【银行】您尾号1024的卡支出200元",
    "【快递】您的包裹已到驿站，取件码8-2-1024",
    "【医院】您预约的门诊在明天上午",
)
