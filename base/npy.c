/* The values are first brought into C order and the machine's byte order, element by element as
 * plain bytes; the typed conversion then runs over a simple array. */
#include "base/npy.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are copied as little-endian");

enum { MAX_DIMS = 4 };

/* What the header says. */
typedef struct {
  char type;         /* 'b' bool, 'i', 'u', 'f', 'S', 'U' */
  size_t width;      /* bytes of one element */
  int is_big_endian; /* only where the unit is wider than a byte */
  int is_fortran;
  int n_dims;
  size_t shape[MAX_DIMS];
} header;

/* A cursor over the header's dictionary, a Python literal; it ends before `end`. */
typedef struct {
  const char *at, *end;
} cursor;

static void skip_spaces(cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t')) c->at++;
}

static int take(cursor *c, char wanted) {
  skip_spaces(c);
  if (c->at == c->end || *c->at != wanted) return 0;
  c->at++;
  return 1;
}

static int take_word(cursor *c, const char *word) {
  size_t n = strlen(word);
  skip_spaces(c);
  if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0) return 0;
  c->at += n;
  return 1;
}

/* 'text' or "text" of fewer than `size` bytes. */
static int take_text(cursor *c, char *text, size_t size) {
  skip_spaces(c);
  if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return 0;
  char quote = *c->at++;
  const char *close = memchr(c->at, quote, (size_t)(c->end - c->at));
  if (!close || (size_t)(close - c->at) >= size) return 0;
  size_t n = (size_t)(close - c->at);
  memcpy(text, c->at, n);
  text[n] = 0;
  c->at = close + 1;
  return 1;
}

static int take_size(cursor *c, size_t *value) {
  skip_spaces(c);
  if (c->at == c->end || *c->at < '0' || *c->at > '9') return 0;
  for (*value = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
    if (__builtin_mul_overflow(*value, 10, value) ||
        __builtin_add_overflow(*value, (size_t)(*c->at - '0'), value))
      return 0;
  return 1;
}

static hn_status parse_dtype(const char *name, const char *dtype, header *h, hn_error *err) {
  static const char *const known[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                      "u2", "u4", "u8", "f2", "f4", "f8"};
  cursor rest = {dtype + 2, dtype + strlen(dtype)};
  int has_order = dtype[0] != 0 && strchr("<>|=", dtype[0]) && dtype[1] != 0;
  int ok = has_order && take_size(&rest, &h->width) && rest.at == rest.end;
  if (ok && (dtype[1] == 'S' || dtype[1] == 'U')) {
    ok = h->width > 0 && (dtype[1] == 'S' || !__builtin_mul_overflow(h->width, 4, &h->width));
  } else if (ok) {
    ok = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
      ok |= strcmp(dtype + 1, known[i]) == 0;
  }
  if (!ok)
    return hn_fail(err, HN_UNSUPPORTED,
                   "%s: arrays of dtype \"%s\" are not read (only bool, integers, float16 to "
                   "float64 and fixed-width strings); convert it with .astype",
                   name, dtype);
  h->type = dtype[1];
  h->is_big_endian = dtype[0] == '>';
  return HN_OK;
}

/* (2, 3), (5,) or (). */
static hn_status parse_shape(const char *name, cursor *c, header *h, hn_error *err) {
  if (!take(c, '(')) goto broken;
  while (!take(c, ')')) {
    if (h->n_dims == MAX_DIMS)
      return hn_fail(err, HN_UNSUPPORTED, "%s: arrays of more than %d axes are not read", name,
                     MAX_DIMS);
    if (!take_size(c, &h->shape[h->n_dims])) goto broken;
    h->n_dims++;
    if (!take(c, ',')) {
      if (!take(c, ')')) goto broken;
      break;
    }
  }
  return HN_OK;
broken:
  return hn_fail(err, HN_FORMAT, "%s: the .npy header holds no readable shape", name);
}

static hn_status parse_dictionary(const char *name, cursor c, header *h, hn_error *err) {
  char key[16], dtype[32];
  unsigned seen = 0;
  if (!take(&c, '{')) goto broken;
  while (!take(&c, '}')) {
    if (!take_text(&c, key, sizeof key) || !take(&c, ':')) goto broken;
    if (strcmp(key, "descr") == 0 && !(seen & 1)) {
      seen |= 1;
      if (take(&c, '['))
        return hn_fail(err, HN_UNSUPPORTED, "%s: structured arrays are not read", name);
      if (!take_text(&c, dtype, sizeof dtype)) goto broken;
      hn_status status = parse_dtype(name, dtype, h, err);
      if (status != HN_OK) return status;
    } else if (strcmp(key, "fortran_order") == 0 && !(seen & 2)) {
      seen |= 2;
      h->is_fortran = take_word(&c, "True");
      if (!h->is_fortran && !take_word(&c, "False")) goto broken;
    } else if (strcmp(key, "shape") == 0 && !(seen & 4)) {
      seen |= 4;
      hn_status status = parse_shape(name, &c, h, err);
      if (status != HN_OK) return status;
    } else {
      goto broken;
    }
    if (!take(&c, ',')) {
      if (!take(&c, '}')) goto broken;
      break;
    }
  }
  skip_spaces(&c);
  if (seen == 7 && c.at == c.end) return HN_OK;
broken:
  return hn_fail(err, HN_FORMAT,
                 "%s: the .npy header is not a dictionary of descr, fortran_order and shape", name);
}

static hn_status parse_header(const char *name, const unsigned char *bytes, size_t n, header *h,
                              size_t *n_header_out, hn_error *err) {
  if (n < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
    return hn_fail(err, HN_FORMAT, "%s: not a .npy file (it does not begin with \\x93NUMPY)", name);
  if (bytes[6] < 1 || bytes[6] > 3)
    return hn_fail(err, HN_UNSUPPORTED, "%s: .npy version %d is not read (1 to 3 are)", name,
                   bytes[6]);
  size_t start = bytes[6] == 1 ? 10 : 12;
  size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (bytes[6] > 1 && n >= 12) length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  if (n < start || n - start < length)
    return hn_fail(err, HN_FORMAT, "%s: the file ends inside its .npy header", name);
  *n_header_out = start + length;
  cursor c = {(const char *)bytes + start, (const char *)bytes + start + length};
  return parse_dictionary(name, c, h, err);
}

/* The elements in C order and little-endian; n_values * width bytes, owned by the caller. */
static char *arrange(const header *h, const char *data, size_t n_values) {
  size_t unit = h->type == 'U' ? 4 : h->type == 'S' ? 1 : h->width;
  size_t stride[MAX_DIMS], index[MAX_DIMS] = {0}, step = 1;
  char *values = hn_alloc(n_values, h->width);
  if (!values) return NULL;
  for (int d = 0; d < h->n_dims; d++) {
    stride[d] = step;
    step *= h->shape[d];
  }
  if (!h->is_fortran || h->n_dims < 2) {
    memcpy(values, data, n_values * h->width);
  } else {
    for (size_t i = 0; i < n_values; i++) {
      size_t from = 0;
      for (int d = 0; d < h->n_dims; d++) from += index[d] * stride[d];
      memcpy(values + i * h->width, data + from * h->width, h->width);
      for (int d = h->n_dims - 1; d >= 0 && ++index[d] == h->shape[d]; d--) index[d] = 0;
    }
  }
  if (h->is_big_endian && unit > 1)
    for (char *u = values; u < values + n_values * h->width; u += unit)
      for (size_t a = 0, b = unit - 1; a < b; a++, b--) {
        char t = u[a];
        u[a] = u[b];
        u[b] = t;
      }
  return values;
}

static hn_status convert_ints(const char *name, const header *h, const char *from, size_t n,
                              int64_t *to, hn_error *err) {
  int is_signed = h->type == 'i';
  int shift = 64 - 8 * (int)h->width;
  for (size_t i = 0; i < n; i++) {
    uint64_t raw = 0;
    memcpy(&raw, from + i * h->width, h->width);
    if (!is_signed && raw > INT64_MAX)
      return hn_fail(err, HN_UNSUPPORTED, "%s: element %zu, %" PRIu64 ", is beyond 64 signed bits",
                     name, i, raw);
    to[i] = is_signed ? (int64_t)(raw << shift) >> shift : (int64_t)raw;
  }
  return HN_OK;
}

/* IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits). */
static float half_to_float(uint16_t half) {
  int exponent = half >> 10 & 31, fraction = half & 1023;
  float size = exponent == 31  ? (fraction ? NAN : INFINITY)
               : exponent == 0 ? ldexpf((float)fraction, -24)
                               : ldexpf((float)(fraction + 1024), exponent - 25);
  return half >> 15 ? -size : size;
}

static void convert_floats(const header *h, const char *from, size_t n, float *to) {
  if (h->width == 4) {
    memcpy(to, from, n * sizeof *to);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    uint16_t half;
    memcpy(&half, from + i * 2, 2);
    to[i] = half_to_float(half);
  }
}

/* One fixed-width string, its padding of zeros cut off, as UTF-8 into out; 0 when it is none. */
static int convert_text(const header *h, const char *from, hn_buffer *out) {
  size_t n = h->width;
  hn_buffer_clear(out);
  if (h->type == 'S') {
    while (n > 0 && from[n - 1] == 0) n--;
    hn_buffer_append(out, from, n);
    return memchr(from, 0, n) == NULL && hn_utf8_valid_length(from, n) == n;
  }
  uint32_t code_point;
  for (; n > 0; n -= 4) {
    memcpy(&code_point, from + n - 4, 4);
    if (code_point != 0) break;
  }
  for (size_t i = 0; i < n; i += 4) {
    char utf8[4];
    memcpy(&code_point, from + i, 4);
    size_t length = code_point == 0 ? 0 : hn_utf8_encode(code_point, utf8);
    if (length == 0) return 0;
    hn_buffer_append(out, utf8, length);
  }
  hn_buffer_append(out, "", 0);
  return 1;
}

static hn_status convert_texts(const char *name, const header *h, const char *from, size_t n,
                               char **to, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  for (size_t i = 0; i < n; i++) {
    if (!convert_text(h, from + i * h->width, &text))
      HN_TRY(hn_fail(err, HN_FORMAT, "%s: element %zu is not %s text", name, i,
                     h->type == 'S' ? "UTF-8" : "Unicode"));
    HN_TRY(hn_buffer_status(&text, err));
    HN_DUP(to[i], text.data, err);
  }
done:
  hn_buffer_free(&text);
  return status;
}

static hn_status convert(const char *name, const header *h, const char *values, hn_npy *array,
                         hn_error *err) {
  hn_status status = HN_OK;
  size_t n = array->n_values;
  switch (h->type) {
  case 'f':
    array->kind = h->width == 8 ? HN_NPY_DOUBLES : HN_NPY_FLOATS;
    if (h->width == 8) {
      HN_NEW(array->as.doubles, n, err);
      memcpy(array->as.doubles, values, n * sizeof(double));
    } else {
      HN_NEW(array->as.floats, n, err);
      convert_floats(h, values, n, array->as.floats);
    }
    break;
  case 'S':
  case 'U':
    array->kind = HN_NPY_TEXTS;
    HN_NEW(array->as.texts, n, err);
    HN_TRY(convert_texts(name, h, values, n, array->as.texts, err));
    break;
  default:
    array->kind = HN_NPY_INTS;
    HN_NEW(array->as.ints, n, err);
    HN_TRY(convert_ints(name, h, values, n, array->as.ints, err));
  }
done:
  return status;
}

hn_status hn_npy_parse(const char *name, const void *bytes, size_t n, hn_npy *array_out,
                       hn_error *err) {
  hn_status status = HN_OK;
  header h = {0};
  hn_npy made = {.n_values = 1};
  size_t n_header = 0, n_bytes = 0;
  char *values = NULL;
  int overflows = 0;

  HN_TRY(parse_header(name, bytes, n, &h, &n_header, err));
  made.n_dims = h.n_dims;
  memcpy(made.shape, h.shape, sizeof made.shape);
  for (int d = 0; d < h.n_dims; d++)
    overflows |= __builtin_mul_overflow(made.n_values, h.shape[d], &made.n_values);
  overflows |= __builtin_mul_overflow(made.n_values, h.width, &n_bytes);
  if (overflows || n_bytes != n - n_header)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: %zu bytes of data where the header announces %s%zu", name,
                   n - n_header, overflows ? "more than " : "", overflows ? SIZE_MAX : n_bytes));
  values = arrange(&h, (const char *)bytes + n_header, made.n_values);
  if (!values) HN_TRY(hn_fail_memory(err));
  HN_TRY(convert(name, &h, values, &made, err));
  *array_out = made;
  made = (hn_npy){0};
done:
  hn_free(values);
  hn_npy_free(&made);
  return status;
}

hn_status hn_npy_read(const char *path, hn_npy *array_out, hn_error *err) {
  char *bytes = NULL;
  size_t n;
  hn_status status = hn_file_read(path, &bytes, &n, err);
  if (status == HN_OK) status = hn_npy_parse(path, bytes, n, array_out, err);
  hn_free(bytes);
  return status;
}

void hn_npy_free(hn_npy *array) {
  if (!array) return;
  if (array->kind == HN_NPY_TEXTS)
    hn_names_free(array->as.texts, array->n_values);
  else
    hn_free(array->as.ints);
  *array = (hn_npy){0};
}

void hn_npy_append_header(hn_buffer *out, const char *dtype, int n_dims, const size_t *shape) {
  hn_buffer text = {0};
  hn_buffer_format(&text, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype);
  for (int d = 0; d < n_dims; d++)
    hn_buffer_format(&text, d == 0 ? "%zu," : d + 1 < n_dims ? " %zu," : " %zu", shape[d]);
  hn_buffer_text(&text, "), }");
  while ((10 + text.length + 1) % 64 != 0 && !text.failed) hn_buffer_byte(&text, ' ');
  hn_buffer_byte(&text, '\n');
  char start[10] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
  start[8] = (char)(text.length & 255);
  start[9] = (char)(text.length >> 8);
  hn_buffer_append(out, start, sizeof start);
  if (text.failed)
    out->failed = 1;
  else
    hn_buffer_append(out, text.data, text.length);
  hn_buffer_free(&text);
}

static hn_status write_values(const char *path, const char *dtype, const void *values, size_t width,
                              int n_dims, const size_t *shape, hn_error *err) {
  hn_buffer out = {0};
  size_t n = width;
  for (int d = 0; d < n_dims; d++) n *= shape[d];
  hn_npy_append_header(&out, dtype, n_dims, shape);
  hn_buffer_append(&out, values, n);
  hn_status status = hn_buffer_status(&out, err);
  if (status == HN_OK) status = hn_file_write(path, out.data, out.length, err);
  hn_buffer_free(&out);
  return status;
}

hn_status hn_npy_write_floats(const char *path, const float *values, int n_dims,
                              const size_t *shape, hn_error *err) {
  return write_values(path, "<f4", values, sizeof *values, n_dims, shape, err);
}

hn_status hn_npy_write_ints(const char *path, const int32_t *values, int n_dims,
                            const size_t *shape, hn_error *err) {
  return write_values(path, "<i4", values, sizeof *values, n_dims, shape, err);
}
