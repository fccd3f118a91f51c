/* Texts as tokens, as scikit-learn's vectorizers cut them: runs of two or more word characters, or
 * whatever an own pattern finds. A tokenizer is const and can be shared between threads. */
#ifndef HN_NLP_TOKENIZE_H
#define HN_NLP_TOKENIZE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "nlp/pattern.h"
#include "nlp/text.h"

/* scikit-learn's token_pattern. It is not run by PCRE2: a scanner finds the same tokens faster. */
#define HN_TOKEN_PATTERN "(?u)\\b\\w\\w+\\b"

typedef struct hn_tokenizer hn_tokenizer;

/* The tokens of one text, and the memory of one thread. Start from {0}. Owns spans. */
typedef struct {
  hn_span *spans;
  size_t n, capacity;
  hn_match *match;
} hn_tokens;

/* pattern is in the syntax of Python's re; with one group, the group is the token. Errors:
 * HN_INVALID for a pattern that does not compile or has several groups; HN_NO_MEMORY. */
hn_status hn_tokenizer_create(const char *pattern, hn_tokenizer **tokenizer_out, hn_error *err);
void hn_tokenizer_destroy(hn_tokenizer *tokenizer);
/* Is it HN_TOKEN_PATTERN's scanner? Its tokens hold no ASCII but letters, digits and '_'. */
int hn_tokenizer_is_default(const hn_tokenizer *tokenizer);

/* Cut well-formed text (below 2^32 bytes), taken as it is: lower it beforehand. The spans replace
 * those of an earlier call, in order, as re.findall gives them. Errors: HN_NO_MEMORY; HN_INVALID
 * for an own pattern that backtracks too much. O(n) with the default pattern. */
hn_status hn_tokenizer_apply(const hn_tokenizer *tokenizer, const char *text, size_t n,
                             hn_tokens *tokens, hn_error *err);
void hn_tokens_free(hn_tokens *tokens);

#endif
