"""Code lists that several forms share: code, Japanese label, English label, other ways of writing it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a code list; `also` are spellings that mean the same on paper."""

    code: str
    ja: str
    en: str
    also: tuple[str, ...] = ()


Choices = tuple[Choice, ...]

_DISEASES = (
    ("がん（末期）", "terminal cancer"),
    ("関節リウマチ", "rheumatoid arthritis"),
    ("筋萎縮性側索硬化症", "amyotrophic lateral sclerosis"),
    ("後縦靱帯骨化症", "ossification of the posterior longitudinal ligament"),
    ("骨折を伴う骨粗鬆症", "osteoporosis with fracture"),
    ("初老期における認知症", "presenile dementia"),
    (
        "進行性核上性麻痺、大脳皮質基底核変性症及びパーキンソン病",
        "progressive supranuclear palsy, corticobasal degeneration, Parkinson's disease",
    ),
    ("脊髄小脳変性症", "spinocerebellar degeneration"),
    ("脊柱管狭窄症", "spinal canal stenosis"),
    ("早老症", "progeria"),
    ("多系統萎縮症", "multiple system atrophy"),
    (
        "糖尿病性神経障害、糖尿病性腎症及び糖尿病性網膜症",
        "diabetic neuropathy, nephropathy, retinopathy",
    ),
    ("脳血管疾患", "cerebrovascular disease"),
    ("閉塞性動脈硬化症", "arteriosclerosis obliterans"),
    ("慢性閉塞性肺疾患", "chronic obstructive pulmonary disease"),
    (
        "両側の膝関節又は股関節に著しい変形を伴う変形性関節症",
        "severe osteoarthritis of both knees or hips",
    ),
)

SHARED: dict[str, Choices] = {
    "yes_no": (
        Choice("yes", "はい", "yes", ("有", "あり", "同意する", "同意します", "○")),
        Choice("no", "いいえ", "no", ("無", "なし", "同意しない", "同意しません")),
    ),
    "sex": (Choice("1", "男", "male", ("男性",)), Choice("2", "女", "female", ("女性",))),
    "application_kind": (
        Choice("1", "新規", "new"),
        Choice("2", "更新", "renewal", ("更新申請",)),
        Choice("3", "区分変更", "change of level", ("変更", "区分変更申請")),
    ),
    "insured_class": (
        Choice("1", "第1号被保険者", "category 1 (65 or older)", ("1号", "第1号")),
        Choice("2", "第2号被保険者", "category 2 (40 to 64)", ("2号", "第2号")),
    ),
    "care_level": (
        Choice("01", "非該当", "not certified"),
        Choice("06", "事業対象者", "eligible for preventive services only"),
        Choice("11", "経過的要介護", "transitional (historic)"),
        Choice("12", "要支援1", "support level 1"),
        Choice("13", "要支援2", "support level 2"),
        Choice("21", "要介護1", "care level 1"),
        Choice("22", "要介護2", "care level 2"),
        Choice("23", "要介護3", "care level 3"),
        Choice("24", "要介護4", "care level 4"),
        Choice("25", "要介護5", "care level 5"),
    ),
    "disease16": tuple(
        Choice(f"{place:02}", ja, en) for place, (ja, en) in enumerate(_DISEASES, start=1)
    ),
    "place": (
        Choice("home", "自宅", "home", ("居宅",)),
        Choice("hospital", "医療機関", "hospital", ("病院", "入院")),
        Choice("facility", "施設", "facility", ("入所",)),
        Choice("other", "その他", "elsewhere"),
    ),
    "filer_kind": (
        Choice("self", "本人", "the insured person"),
        Choice("family", "家族", "family"),
        Choice("proxy_filer", "提出代行者", "filing proxy named by the Act"),
        Choice("unpaid_agent", "その他の代理人", "unpaid agent in the person's name"),
        Choice("sharoshi", "社会保険労務士", "social insurance consultant"),
        Choice("legal_guardian", "成年後見人", "legal guardian"),
        Choice("welfare_commissioner", "民生委員", "welfare commissioner"),
    ),
    "filer_office_kind": (
        Choice(
            "community_support_center", "地域包括支援センター", "community general support center"
        ),
        Choice(
            "homecare_support_office",
            "居宅介護支援事業者",
            "in-home care support office",
            ("居宅介護支援事業所",),
        ),
        Choice(
            "community_welfare_facility", "地域密着型介護老人福祉施設", "community welfare facility"
        ),
        Choice("welfare_facility", "介護老人福祉施設", "welfare facility"),
        Choice("health_facility", "介護老人保健施設", "health facility"),
        Choice("integrated_facility", "介護医療院", "integrated medical and care facility"),
    ),
    "attendee": (
        Choice("family", "家族", "family"),
        Choice(
            "care_manager", "介護支援専門員", "care manager", ("ケアマネジャー", "ケアマネージャー")
        ),
        Choice("facility_staff", "施設職員", "facility staff"),
        Choice("none", "立会いなし", "nobody", ("なし",)),
    ),
}


def label(choices: Choices, code: str, lang: str = "ja") -> str:
    """Return the words for a code, or the code itself where the list does not know it."""
    for choice in choices:
        if choice.code == code:
            return choice.ja if lang == "ja" else choice.en
    return code
