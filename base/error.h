/* Status codes and messages: how every fallible function of headnod reports. */
#ifndef HN_BASE_ERROR_H
#define HN_BASE_ERROR_H

typedef enum {
  HN_OK = 0,
  HN_INVALID,     /* an argument, an option or a value is not allowed */
  HN_NO_MEMORY,   /* an allocation failed or its size overflows */
  HN_IO,          /* the operating system refused: missing file, permission, full disk */
  HN_FORMAT,      /* a file is not what it claims to be */
  HN_UNSUPPORTED, /* well-formed, but nothing that headnod reads or does */
  HN_NUMERIC      /* a computation did not converge or left the finite numbers */
} hn_status;

/* What went wrong, in a sentence: what, where (file:line:column), the value found, the values
 * allowed, a remedy. Filled only when a function fails; the caller owns it. */
typedef struct {
  hn_status code;
  char message[1024];
} hn_error;

/* Fill err (may be NULL) with a formatted message and return code. Messages that do not fit end
 * in "…"; bytes that are not UTF-8 become "?". Thread-safe for distinct err. */
hn_status hn_fail(hn_error *err, hn_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the message of err (may be NULL) and return its code; for a caller that
 * knows the file or the track that a lower function does not. */
hn_status hn_fail_prefix(hn_error *err, hn_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The name of a code: "invalid", "no memory", … */
const char *hn_status_name(hn_status code);

/* Inside a function with `hn_status status` and a label `done:` that frees what is still owned. */
#define HN_TRY(call)                                                                               \
  do {                                                                                             \
    status = (call);                                                                               \
    if (status != HN_OK) goto done;                                                                \
  } while (0)

#endif
