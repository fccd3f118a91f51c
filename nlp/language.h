/* The language of a text, told by libexttextcat from which sequences of letters are frequent in it.
 * Its models are files of the package libexttextcat-data. */
#ifndef HN_NLP_LANGUAGE_H
#define HN_NLP_LANGUAGE_H

#include <stddef.h>

#include "base/error.h"
#include "nlp/text.h"

/* One thread's. */
typedef struct hn_language_detector hn_language_detector;

enum { HN_LANGUAGE_MAX_CANDIDATES = 3 };

/* Languages that fit a text almost equally well, the best first; names as of hn_language_find. */
typedef struct {
  const char *names[HN_LANGUAGE_MAX_CANDIDATES];
  size_t n; /* 0: the language cannot be told */
} hn_languages;

/* Reads some 170 small files. Errors: HN_IO when they are not there, naming the package. */
hn_status hn_language_detector_create(hn_language_detector **detector_out, hn_error *err);
void hn_language_detector_destroy(hn_language_detector *detector);

/* The language of a text, best without what is not sung (see nlp/clean.h). A text of which a third
 * of the letters are Chinese, Japanese or Korean is told by its script, since the models know words
 * between blanks; of others the candidates are those within 3 % of the best score, read from the
 * first 64 KB. Scots, which the models cannot tell from English, counts as English, and both
 * Norwegian languages as one. A text of fewer than 40 letters or 10 different ones, and one that
 * fits more than three languages, cannot be told. Errors: HN_FORMAT for invalid UTF-8. */
hn_status hn_language_detect(hn_language_detector *detector, hn_text text,
                             hn_languages *languages_out, hn_error *err);

/* The English name, in lower case, of a language given by it or by its code ("en"); NULL for one
 * without a model. The name is never freed. */
const char *hn_language_find(const char *name);

#endif
