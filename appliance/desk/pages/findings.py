"""The sentences about a sheet, each with place, rule, fact and remedy; one function a finding."""

from appliance.desk.pages.sheet import Finding
from papers.limits import BYTE_LIMIT, PIXEL_LIMIT
from papers.opening import PictureRefusedError


def refused(refusal: PictureRefusedError) -> Finding:
    """Say why a foreign picture was not opened."""
    match refusal.reason:
        case "too_many_bytes":
            return too_many_bytes(refusal.size >> 20, BYTE_LIMIT >> 20)
        case "too_large":
            return too_large(refusal.size // 1_000_000, PIXEL_LIMIT // 1_000_000)
        case "broken_picture":
            return broken_picture()
        case "not_a_picture":
            return not_a_picture()


def not_a_picture() -> Finding:
    """Say: the bytes are no picture of a kind we open."""
    return Finding(
        "not_a_picture",
        "block",
        "この紙の画像を開けません。開けるのは JPEG・PNG・WebP・AVIF・TIFF・BMP・PNM の画像だけです。"
        "紙を給紙口に戻して、もう一度読み取ってください。",
    )


def broken_picture() -> Finding:
    """Say: a picture that breaks off or contradicts itself."""
    return Finding(
        "broken_picture",
        "block",
        "この紙の画像は途中で壊れています。壊れた画像からは何も読み取りません。"
        "紙を給紙口に戻して、もう一度読み取ってください。",
    )


def too_large(megapixels: int, limit: int) -> Finding:
    """Say: a header that promises more pixels than any sheet of paper has."""
    return Finding(
        "too_large",
        "block",
        f"この画像は {megapixels} メガピクセルと書かれています。1枚の紙は {limit} メガピクセルまでです。"
        "画像は開いていません。解像度を300dpiにして、紙をもう一度読み取ってください。",
    )


def too_many_bytes(megabytes: int, limit: int) -> Finding:
    """Say: more bytes than a sheet may have."""
    return Finding(
        "too_many_bytes",
        "block",
        f"この画像は {megabytes} MB あります。1枚の紙は {limit} MB までです。画像は開いていません。"
        "解像度を300dpiにして、紙をもう一度読み取ってください。",
    )


def reading_stopped(seconds: int) -> Finding:
    """Say: the worker was ended because the sheet took too long or too much memory."""
    return Finding(
        "reading_stopped",
        "block",
        f"この紙の読み取りを中止しました。1枚の処理は {seconds} 秒までですが、終わりませんでした。"
        "紙をもう一度読み取ってください。続くときは、この紙だけ別に預かってください。",
    )


def blank_page() -> Finding:
    """Say: nothing is written on the page."""
    return Finding(
        "blank_page",
        "info",
        "この面には何も書かれていません。白紙の面は申請に入れません。"
        "裏返しに入れた紙なら、向きを直してもう一度読み取ってください。",
    )


def unknown_page() -> Finding:
    """Say: neither form nor card."""
    return Finding(
        "unknown_page",
        "warn",
        "この紙は申請書でも被保険者証でもないようです。申請に入れるのは、更新申請書・被保険者証・"
        "医療保険の資格がわかるもの・主治医意見書です。必要な紙なら申請へ移し、違えば「別にする」を押してください。",
    )


def unreadable_code() -> Finding:
    """Say: the page carries a QR code that is none of the city's."""
    return Finding(
        "foreign_code",
        "info",
        "この紙のQRコードは、この市の申請書のものではありません。QRコードは使わず、文字を読み取りました。"
        "読み取った内容を紙と見くらべてください。",
    )


def blurred() -> Finding:
    """Say: strokes are too soft to be trusted."""
    return Finding(
        "blurred",
        "warn",
        "この紙の画像はぼやけています。文字の線がはっきり写っている必要があります。"
        "読み取り面を拭いて、もう一度読み取ってください。",
    )


def coarse() -> Finding:
    """Say: too few pixels for the size of the writing."""
    return Finding(
        "coarse",
        "warn",
        "この紙の文字は細かく写りすぎています。1行の高さが 20 画素より大きく写る必要があります。"
        "スキャナーは300dpiに、カメラは紙に近づけて、もう一度読み取ってください。",
    )


def cut_off() -> Finding:
    """Say: writing runs out of the picture."""
    return Finding(
        "cut_off",
        "warn",
        "この紙は端が切れていて、文字や枠の線が画像の外に出ています。紙の全体が写る必要があります。"
        "紙をまっすぐにそろえて、もう一度読み取ってください。",
    )


def shortened(seen: int, whole: int) -> Finding:
    """Say: the scan shows one side of a known paper whole and the other too short."""
    return Finding(
        "cut_off",
        "warn",
        f"この紙は長さ {whole} mm のはずですが、画像には {seen} mm しか写っていません。紙の全体が写る必要があります。"
        "紙の折れを伸ばし、端までまっすぐに入れて、もう一度読み取ってください。",
    )


def glare() -> Finding:
    """Say: a lamp is mirrored on the page."""
    return Finding(
        "glare",
        "warn",
        "この紙は光が反射して、一部が白くとんでいます。文字の上に反射がない必要があります。"
        "照明か紙の向きを変えて、もう一度撮影してください。",
    )


def skewed(degrees: int) -> Finding:
    """Say: the sheet went in askew."""
    return Finding(
        "skewed",
        "warn",
        f"この紙は {degrees} 度ほど斜めに送られました。10 度までなら、まっすぐに直せます。"
        "給紙台のガイドを紙の幅に合わせて、もう一度読み取ってください。",
    )


def low_contrast() -> Finding:
    """Say: writing and paper hardly differ."""
    return Finding(
        "low_contrast",
        "warn",
        "この紙は文字が薄く写っています。文字と紙の濃さに差が必要です。"
        "紙を平らにのばして、もう一度読み取ってください。",
    )


def edges_unclear(reason: str) -> Finding:
    """Say: the corners of a photographed page are not sure, so nothing was cut away."""
    cause = {
        "no_page": "紙の四隅が見つかりませんでした。",
        "cut": "紙の端が写真からはみ出しています。",
    }.get(reason, "紙の端がはっきり写っていません。")
    return Finding(
        "edges_unclear",
        "warn",
        f"{cause}四隅まで写っている必要があります。写真は切り取らずにそのまま使いました。"
        "色の濃い台の上に紙を置き、指を端から離して、もう一度撮影してください。",
    )


def turned(rotation: int) -> Finding:
    """Say: the page came in turned; it was put upright."""
    return Finding(
        "turned",
        "info",
        f"この紙は向きが違っていたので、画像を時計回りに{rotation}度まわしました。"
        "画像の向きを確かめてください。正しければ何もしなくてかまいません。",
    )


def individual_number_hidden() -> Finding:
    """Say: the individual number's box was painted over before anything was kept."""
    return Finding(
        "individual_number_hidden",
        "info",
        "この紙の個人番号の欄は、画像を保存する前に塗りつぶしました。個人番号は読み取りません。"
        "することはありません。",
    )


def individual_number_elsewhere() -> Finding:
    """Say: digits written as an individual number is stood outside its box, and were painted over as well."""
    return Finding(
        "individual_number_elsewhere",
        "warn",
        "この紙の個人番号の欄の外に、個人番号のような12桁の数字があったので、塗りつぶしました。個人番号は車から外に"
        "出しません。画像を見て、必要な文字まで隠れていたら、その文字を申請に書き足してください。",
    )


def individual_number_uncertain() -> Finding:
    """Say: a form front on which the individual number's box was not found."""
    return Finding(
        "individual_number_uncertain",
        "warn",
        "この紙で個人番号の欄が見つかりませんでした。個人番号は車から外に出しません。"
        "画像を見て、12桁の個人番号が写っていたら、紙を平らにしてもう一度読み取ってください。",
    )
