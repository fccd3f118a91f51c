#!/usr/bin/env python3
"""Make the golden files of tests/nlp with the reference libraries.

tfidf.json    scikit-learn 1.9.1 on Python 3.11 (Unicode 14): vocabulary, idf and matrices.
hashing.json  HashingVectorizer's matrices.
stems.json    snowballstemmer 2.2.0, the Python form of libstemmer 2.2.0: stems of words.
tokens.json   Python's str.lower and re, scikit-learn's strip_accents.

Run it from anywhere; it writes beside itself. Values carry 9 digits: ours are float32, whose
rounding (6e-8 relative) is the only difference expected, so tests allow 1e-6.
"""
import json
import pathlib
import re
import sys
import unicodedata

import sklearn
import snowballstemmer
from sklearn.feature_extraction.text import (
    HashingVectorizer, TfidfTransformer, TfidfVectorizer, strip_accents_ascii, strip_accents_unicode)

HERE = pathlib.Path(__file__).parent

TEXTS = [
    # Latin, curly and straight apostrophes, dashes, underscores, numbers
    "It's a long way, it’s a LONG way home — the night_rider rides 2nite, 24/7, rides on.",
    "Don’t stop, don't stop the music; the music won't stop. Naïve café, ﬁnal ﬂow, Ünïcode!",
    # Turkish dotted I, German sharp s, ligatures, final sigma in several positions
    "İstanbul'da IŞIK ışık İİ; Straße STRASSE GROẞ groß; Œuvre ŒUVRE Æther",
    "ΟΔΥΣΣΕΥΣ ΚΑΙ Ο ΦΙΛΟΣ, ΣΑΣ ΣΑΣ. Σ Σ' ΑΣ’ ΑΣΑ ΑΣ.Α ΑΣ: ὈΔΥΣΣΕΎΣ ᾼΣ ⅧΣ ªΣ Σª ΑΣ\u0301 Α\u00adΣ",
    # Cyrillic, with a combining accent and letters past the basic block
    "Во поле берёза стояла, во поле БЕРЁЗА; Ёлка и\u0306од Ѣсть Ґанок Ђак за́мок",
    # Chinese, Japanese, Korean (precomposed and decomposed)
    "月亮代表我的心 月亮 我的心 你問我愛你有多深，我愛你有幾分。",
    "上を向いて歩こう 涙がこぼれないように カタカナ ｶﾀｶﾅ ー々〆〇 東京タワー",
    "사랑해 사랑 노래 \u1109\u1161\u1105\u1161\u11bc 노래를 부르자",
    # Thai, Hindi, Arabic, Hebrew: marks that \w does not take cut the words
    "สวัสดีชาวโลก ร้องเพลง เพลงรัก ๑๒๓ รัก",
    "नमस्ते दुनिया गीत गाता चल ओ साथी १२३ क्षत्रिय",
    "يا ليل يا عين حَبِيبِي حبيبي ١٢٣ العربية\u200cفارسی می\u200cخواهم",
    "שָׁלוֹם עולם שלום עולם ״שיר״ צה״ל",
    # zero-width characters, soft hyphen, byte order mark, no-break spaces, controls
    "no\u200bthing zero\u200dwidth soft\u00adhyphen \ufeffbom word\u2060joiner a\u00a0b ab\u2003cd ef\x1cgh\x85ij",
    # numbers of every kind, super- and subscripts, circled letters, mathematical letters
    "x² x₂ ½ ⅓ Ⅷ ⅷ ① ⓐⒷ 𝐀𝐛𝐂 𝟘𝟙 ١٢ 十二 ½½ ²³ ①② ﷺ ㎏",
    # emoji with modifiers and joiners; the rest of the planes
    "love ❤️ 👩‍👩‍👧‍👦 🎵🎵 fire🔥fire 👍🏽ok 𐐀𐐁𐐂 𐐨𐐩 𠮷野家 𞤀𞤁",
    # combining marks on Latin, decomposed and precomposed forms of the same word
    "cafe\u0301 café Amélie Ame\u0301lie a\u0308o\u0308u\u0308 äöü Z\u0351\u036b̓a\u0342lgo",
    "The the THE a I o_O __ _ __init__ 1 22 333 a1 1a rides rides home music",
    "",
    "   \t\n \r\n ",
    "home home home the music the night the end of the long long road",
]
OTHERS = [
    "The music of the long night, it's home; ΣΑΣ unknown words stop the music",
    "nothing of this is known there",
    "",
    "月亮 берёза café İstanbul rides on",
]
SHORT = TEXTS[:4] + TEXTS[7:9] + TEXTS[15:19]


def matrix(x):
    x = x.tocsr()
    x.sort_indices()
    return {"indptr": x.indptr.tolist(), "indices": x.indices.tolist(),
            "values": [float(f"{v:.9g}") for v in x.data]}


def no_tie(texts, options):
    """max_features cuts where neighbours differ: scikit-learn breaks ties by an unstable sort."""
    everything = {k: v for k, v in options.items() if k != "max_features"}
    everything.update(use_idf=False, norm=None)
    totals = sorted(TfidfVectorizer(**everything).fit_transform(texts).sum(axis=0).A1, reverse=True)
    n = options["max_features"]
    assert totals[n - 1] != totals[n], totals[:n + 3]


def case(name, texts="all", **options):
    documents = {"all": TEXTS, "short": SHORT}[texts]
    if "max_features" in options:
        no_tie(documents, options)
    vectorizer = TfidfVectorizer(**options)
    x = vectorizer.fit_transform(documents)
    return {"name": name, "texts": texts, "options": our_options(options),
            "terms": vectorizer.get_feature_names_out().tolist(),
            "idf": [float(f"{v:.12g}") for v in vectorizer.idf_] if vectorizer.use_idf else None,
            "fitted": matrix(x), "transformed": matrix(vectorizer.transform(OTHERS))}


def stemmed_case(name, language, stop_words, n):
    """Lower-cased tokens without stop words, stemmed, then n-grams, as an analyzer of our own."""
    stem = snowballstemmer.stemmer(language).stemWord
    tokens_of = re.compile(r"(?u)\b\w\w+\b").findall

    def analyze(text):
        words = [stem(w) for w in tokens_of(text.lower()) if w not in stop_words]
        return [" ".join(words[i:i + k]) for k in range(1, n + 1)
                for i in range(len(words) - k + 1)]

    made = case(name, analyzer=analyze)
    made["options"] = our_options({"stem": language, "stop_words": stop_words, "ngram": (1, n)})
    return made


def our_options(options):
    ours = {}
    for key, value in options.items():
        key = "ngram" if key == "ngram_range" else key
        if isinstance(value, (list, tuple)):
            value = ",".join(map(str, value))
        elif isinstance(value, bool) or value is None:
            value = str(value).lower()
        ours[key] = str(value)
    return ours


def hashing_case(name, **options):
    return {"name": name, "options": our_options(options),
            "hashed": matrix(HashingVectorizer(**options).transform(TEXTS))}


def make_hashing():
    """Few columns make terms collide, and cancel out where the sign alternates."""
    return {"texts": TEXTS, "cases": [
        hashing_case("default"),
        hashing_case("counts", norm=None, alternate_sign=False, n_features=7),
        hashing_case("collisions", n_features=16),
        hashing_case("collisions l1", n_features=16, norm="l1", ngram_range=(1, 2)),
        hashing_case("binary", n_features=30, binary=True),
        hashing_case("one column", n_features=1, norm=None),
        hashing_case("char_wb", analyzer="char_wb", ngram_range=(2, 3), n_features=50,
                     lowercase=False),
    ]}


def bag_case():
    """Bags: TfidfTransformer over chosen columns of a count matrix whose columns are unordered."""
    counts = [[2, 0, 1, 0, 3], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 0, 4, 0, 0]]
    terms = ["zulu", "never", "alpha", "Été", "mike"]
    kept = sorted((t, j) for j, t in enumerate(terms) if any(row[j] for row in counts))
    columns = [j for _, j in kept]
    x = TfidfTransformer().fit_transform([[row[j] for j in columns] for row in counts])
    return {"counts": counts, "terms": terms, "kept": [t for t, _ in kept], "fitted": matrix(x)}


def make_tfidf():
    cases = [
        case("default"),
        case("counts", use_idf=False, norm=None),
        case("case kept", lowercase=False),
        case("ngram 1,2", ngram_range=(1, 2)),
        case("ngram 1,3 frequent", ngram_range=(1, 3), min_df=2),
        case("ngram 2,3", texts="short", ngram_range=(2, 3)),
        case("df as counts", min_df=2, max_df=4),
        case("df as fractions", min_df=0.1, max_df=0.3),
        case("max_features", max_features=5, norm="l1"),
        case("max_features binary", max_features=3, binary=True),
        case("sublinear", sublinear_tf=True, smooth_idf=False),
        case("l1", norm="l1", binary=True),
        case("stop words", stop_words=["the", "it", "don", "ΦΙΛΟΣ".lower()], ngram_range=(1, 2),
             min_df=2),
        stemmed_case("stems", "english", ["the", "rides"], 2),
        case("accents unicode", strip_accents="unicode"),
        case("accents ascii", strip_accents="ascii"),
        case("own pattern", token_pattern=r"(?u)[^\W\d_]+"),
        case("own group", token_pattern=r"(\w)\w*\b"),
        case("own spaces", texts="short", token_pattern=r"\w+ \w+|\w+", ngram_range=(1, 2)),
        case("own single letters", token_pattern=r"(?u)\b\w+\b"),
        case("own not space", token_pattern=r"\S+"),
        case("char", texts="short", analyzer="char", ngram_range=(1, 2), min_df=2),
        case("char long", texts="short", analyzer="char", ngram_range=(3, 3), min_df=2),
        case("char_wb", texts="short", analyzer="char_wb", ngram_range=(2, 4), min_df=2),
        case("char_wb long", texts="short", analyzer="char_wb", ngram_range=(5, 7), min_df=2),
    ]
    return {"versions": {"scikit-learn": sklearn.__version__, "python": sys.version.split()[0],
                         "unicode": unicodedata.unidata_version},
            "all": TEXTS, "short": SHORT, "others": OTHERS, "cases": cases, "bags": bag_case()}


PATTERNS = [
    r"(?u)\b\w\w+\b", r"\w+", r"\W+", r"\S+", r"\s+", r"\d+", r"\D+", r"\b", r"\B\w", r"[\w']+",
    r"[^\w\s]+", r"[\d\s]+", r"\w{,3}", r"\w*", r"(?i)STOP|ﬁ", r"(?:a|b)|(c)", r"^.|.$", r".\Z",
    r"[]a]+|[^]a]", "\\u0131\\w*", r"(?<=o)\w", "[\u0400-\u04ff]+",
]


def make_tokens():
    findall = []
    for pattern in PATTERNS:
        for i, text in enumerate(TEXTS):
            if i in (1, 2, 4, 12, 13, 17, 18):
                findall.append({"pattern": pattern, "text": text,
                                "tokens": re.findall(pattern, text)})
    bad = [b"plain", b"", b"caf\xe9", b"\xc3\xa9\xff", b"\xe4\xb8", b"\xe4\xb8x", b"\xed\xa0\x80",
           b"\xc0\xaf", b"\xf0\x9f\x8e", b"\xf0\x9f\x8e\xb5!", b"\xf4\x90\x80\x80", b"a\x80b\xf8c",
           b"\xe0\x80\x80", b"12345678\xe9"]
    repaired = [{"bytes": list(b), "repaired": b.decode("utf-8", "replace"),
                 "valid": len(b) if not (e := invalid(b)) else e.start} for b in bad]
    return {"texts": [{"text": t, "lower": t.lower(), "unicode": strip_accents_unicode(t),
                       "ascii": strip_accents_ascii(t)} for t in TEXTS],
            "findall": findall, "utf8": repaired}


def invalid(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error
    return None


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (HERE / name).write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")


WORDS = {
    "english": "love loves loved loving lovely night nights riding rider happily happiness skies "
               "generously dying news it 2nite ok a been running runner money monies don",
    "french": "chanter chanteuse chansons amour amoureux amoureuse nuit nuits finissons été "
              "continuellement cœur yeux l",
    "german": "lieben liebe geliebt häuser straße strassen nächte singen sängerin aufeinander "
              "schönheit küssen",
    "italian": "amare amore cantante cantando canzoni notte notti perché città bellissima",
    "portuguese": "amar amor cantando canções coração noites saudade você rapidamente",
    "spanish": "amar amor cantando canciones corazón noches rápidamente niños dámelo",
    "dutch": "liefde lieve nachten zingen zanger huizen mogelijkheid ogen",
    "swedish": "kärlek kärleken natten sjunger sångerna flickorna ögonen",
    "russian": "любовь люблю любил ночами ночь песни песня красивая сердце",
    "turkish": "aşkım geceler geceleri şarkılar seviyorum gözlerin",
    "finnish": "rakkaus rakkauden laulaa yössä lauluja talossani",
    "porter": "love skies generously dying happiness relational",
}


def make_stems():
    return [{"language": language, "words": words.split(),
             "stems": snowballstemmer.stemmer(language).stemWords(words.split())}
            for language, words in WORDS.items()]


write("stems.json", make_stems())
write("tfidf.json", make_tfidf())
write("hashing.json", make_hashing())
write("tokens.json", make_tokens())
