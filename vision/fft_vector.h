/* The FFT in GCC vector extensions; fft_kernels.c includes this text once for each instruction set,
 * with LANES doubles in a vector. No include guard.
 * A complex vector holds the same point of LANES transforms, so that the passes below need no
 * shuffles. Arrays of vectors are registers: their loops have constant bounds and are unrolled. */

#define V NAME(vector)
#define C NAME(complex)

typedef double V __attribute__((vector_size(LANES * sizeof(double))));
/* In memory, at any address; floats for samples and spectra. */
typedef double NAME(loose)
    __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef float NAME(floats)
    __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef struct {
  V re, im;
} C;

#if LANES == 1
#define LOW 0
#define HIGH 1
#define EVEN 0
#define ODD 1
#define REVERSE 0
#elif LANES == 2
#define LOW 0, 2
#define HIGH 1, 3
#define EVEN 0, 2
#define ODD 1, 3
#define REVERSE 1, 0
#elif LANES == 4
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#define REVERSE 3, 2, 1, 0
#else
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#define REVERSE 7, 6, 5, 4, 3, 2, 1, 0
#endif

INLINE V NAME(load)(const double *at) {
  return *(const NAME(loose) *)at;
}

INLINE C NAME(load_complex)(const double *at) {
  return (C){NAME(load)(at), NAME(load)(at + LANES)};
}

INLINE void NAME(store)(double *at, V value) {
  *(NAME(loose) *)at = value;
}

INLINE void NAME(store_complex)(double *at, C value) {
  NAME(store)(at, value.re);
  NAME(store)(at + LANES, value.im);
}

INLINE void NAME(store_floats)(float *at, V value) {
  *(NAME(floats) *)at = __builtin_convertvector(value, NAME(floats));
}

INLINE C NAME(add)(C a, C b) {
  return (C){a.re + b.re, a.im + b.im};
}

INLINE C NAME(subtract)(C a, C b) {
  return (C){a.re - b.re, a.im - b.im};
}

/* a - i b, and a + i b */
INLINE C NAME(minus_i)(C a, C b) {
  return (C){a.re + b.im, a.im - b.re};
}

INLINE C NAME(plus_i)(C a, C b) {
  return (C){a.re - b.im, a.im + b.re};
}

INLINE C NAME(scale)(C a, double by) {
  return (C){a.re * by, a.im * by};
}

INLINE C NAME(multiply)(C a, double re, double im) {
  return (C){a.re * re - a.im * im, a.re * im + a.im * re};
}

/* Transforms of two to five points, in place. */
INLINE void NAME(transform_2)(C *a) {
  C sum = NAME(add)(a[0], a[1]);
  a[1] = NAME(subtract)(a[0], a[1]);
  a[0] = sum;
}

INLINE void NAME(transform_3)(C *a) {
  C sum = NAME(add)(a[1], a[2]);
  C difference = NAME(scale)(NAME(subtract)(a[1], a[2]), SIN_60);
  C middle = NAME(subtract)(a[0], NAME(scale)(sum, 0.5));
  a[0] = NAME(add)(a[0], sum);
  a[1] = NAME(minus_i)(middle, difference);
  a[2] = NAME(plus_i)(middle, difference);
}

INLINE void NAME(transform_4)(C *a) {
  C even = NAME(add)(a[0], a[2]), even_difference = NAME(subtract)(a[0], a[2]);
  C odd = NAME(add)(a[1], a[3]), odd_difference = NAME(subtract)(a[1], a[3]);
  a[0] = NAME(add)(even, odd);
  a[1] = NAME(minus_i)(even_difference, odd_difference);
  a[2] = NAME(subtract)(even, odd);
  a[3] = NAME(plus_i)(even_difference, odd_difference);
}

INLINE void NAME(transform_5)(C *a) {
  C outer = NAME(add)(a[1], a[4]), outer_difference = NAME(subtract)(a[1], a[4]);
  C inner = NAME(add)(a[2], a[3]), inner_difference = NAME(subtract)(a[2], a[3]);
  C first = NAME(add)(a[0], NAME(add)(NAME(scale)(outer, COS_72), NAME(scale)(inner, COS_144)));
  C second = NAME(add)(a[0], NAME(add)(NAME(scale)(outer, COS_144), NAME(scale)(inner, COS_72)));
  C first_turned =
      NAME(add)(NAME(scale)(outer_difference, SIN_72), NAME(scale)(inner_difference, SIN_144));
  C second_turned =
      NAME(subtract)(NAME(scale)(outer_difference, SIN_144), NAME(scale)(inner_difference, SIN_72));
  a[0] = NAME(add)(a[0], NAME(add)(outer, inner));
  a[1] = NAME(minus_i)(first, first_turned);
  a[2] = NAME(minus_i)(second, second_turned);
  a[3] = NAME(plus_i)(second, second_turned);
  a[4] = NAME(plus_i)(first, first_turned);
}

INLINE void NAME(transform_short)(size_t radix, C *a) {
  if (radix == 2)
    NAME(transform_2)(a);
  else if (radix == 3)
    NAME(transform_3)(a);
  else if (radix == 4)
    NAME(transform_4)(a);
  else
    NAME(transform_5)(a);
}

/* y[q, p radix + j] = w^(p j) sum over i of x[q, p + n_twiddled i] exp(-2 pi i i j / radix), where
 * q < stride is the inner index of both. */
INLINE void NAME(pass_short)(const hn_fft_pass *pass, size_t radix, const double *w,
                             const double *x, double *y) {
  const size_t step = 2 * LANES, stride = pass->stride, m = pass->n_twiddled;
  for (size_t p = 0; p < m; p++, w += 2 * (radix - 1)) {
    for (size_t q = 0; q < stride; q++) {
      C a[5];
      UNROLL for (size_t i = 0; i < radix; i++) a[i] =
          NAME(load_complex)(x + step * (q + stride * (p + m * i)));
      NAME(transform_short)(radix, a);
      if (m > 1) {
        UNROLL for (size_t j = 1; j < radix; j++) a[j] =
            NAME(multiply)(a[j], w[2 * j - 2], w[2 * j - 1]);
      }
      UNROLL for (size_t j = 0; j < radix; j++)
          NAME(store_complex)(y + step * (q + stride * (radix * p + j)), a[j]);
    }
  }
}

/* The same for a radix that has no formula. */
INLINE void NAME(pass_long)(const hn_fft_pass *pass, const double *w, const double *x, double *y) {
  const size_t step = 2 * LANES, stride = pass->stride, m = pass->n_twiddled, radix = pass->radix;
  const double *roots = w + 2 * m * (radix - 1);
  for (size_t p = 0; p < m; p++, w += 2 * (radix - 1)) {
    for (size_t q = 0; q < stride; q++) {
      for (size_t j = 0; j < radix; j++) {
        C sum = NAME(load_complex)(x + step * (q + stride * p));
        for (size_t i = 1, turn = j; i < radix; i++) {
          C a = NAME(load_complex)(x + step * (q + stride * (p + m * i)));
          sum = NAME(add)(sum, NAME(multiply)(a, roots[2 * turn], roots[2 * turn + 1]));
          turn += j;
          if (turn >= radix) turn -= radix;
        }
        if (j > 0) sum = NAME(multiply)(sum, w[2 * j - 2], w[2 * j - 1]);
        NAME(store_complex)(y + step * (q + stride * (radix * p + j)), sum);
      }
    }
  }
}

static void NAME(run_pass)(const hn_fft_pass *pass, const double *twiddles, const double *x,
                           double *y) {
  const double *w = twiddles + pass->twiddles;
  switch (pass->radix) {
  case 2:
    NAME(pass_short)(pass, 2, w, x, y);
    break;
  case 3:
    NAME(pass_short)(pass, 3, w, x, y);
    break;
  case 4:
    NAME(pass_short)(pass, 4, w, x, y);
    break;
  case 5:
    NAME(pass_short)(pass, 5, w, x, y);
    break;
  default:
    NAME(pass_long)(pass, w, x, y);
  }
}

INLINE V NAME(sample)(const float *x, const double *window, size_t at) {
  V values = __builtin_convertvector(*(const NAME(floats) *)(x + at), V);
  return window ? values * NAME(load)(window + at) : values;
}

/* Pairs of samples as complex points; those of an odd n (which has one lane) one by one. */
static void NAME(take_samples)(const hn_fft *fft, const float *x, double *out) {
  const double *window = fft->window;
  if (fft->n % 2) {
    for (size_t i = 0; i < fft->n; i++)
      NAME(store_complex)(out + 2 * LANES * i, (C){NAME(sample)(x, window, i), (V){0}});
    return;
  }
  for (size_t i = 0; i < fft->n; i += 2 * LANES) {
    V a = NAME(sample)(x, window, i), b = NAME(sample)(x, window, i + LANES);
    NAME(store_complex)
    (out + i, (C){__builtin_shufflevector(a, b, EVEN), __builtin_shufflevector(a, b, ODD)});
  }
}

/* Rows to columns, by log2(LANES) rounds of perfect shuffles. */
INLINE void NAME(transpose)(V *a) {
  V b[LANES];
  UNROLL for (int size = 1; size < LANES; size *= 2) {
    UNROLL for (int i = 0; i < LANES / 2; i++) {
      b[2 * i] = __builtin_shufflevector(a[i], a[i + LANES / 2], LOW);
      b[2 * i + 1] = __builtin_shufflevector(a[i], a[i + LANES / 2], HIGH);
    }
    UNROLL for (int i = 0; i < LANES; i++) a[i] = b[i];
  }
}

/* A transform of LANES points, in place. */
INLINE void NAME(transform_lanes)(C *a) {
#if LANES == 2
  NAME(transform_2)(a);
#elif LANES == 4
  NAME(transform_4)(a);
#elif LANES == 8
  C even[4], odd[4];
  UNROLL for (int i = 0; i < 4; i++) {
    even[i] = a[2 * i];
    odd[i] = a[2 * i + 1];
  }
  NAME(transform_4)(even);
  NAME(transform_4)(odd);
  odd[1] = NAME(multiply)(odd[1], SQRT_HALF, -SQRT_HALF);
  odd[3] = NAME(multiply)(odd[3], -SQRT_HALF, -SQRT_HALF);
  UNROLL for (int j = 0; j < 4; j++) {
    a[j] = j == 2 ? NAME(minus_i)(even[j], odd[j]) : NAME(add)(even[j], odd[j]);
    a[j + 4] = j == 2 ? NAME(plus_i)(even[j], odd[j]) : NAME(subtract)(even[j], odd[j]);
  }
#else
  (void)a;
#endif
}

/* z = the transform of all points (n_points), re and im apart, from those of the lanes. The last
 * columns are taken twice where LANES does not divide n_each. */
static void NAME(join_lanes)(const hn_fft *fft, const double *x, double *re, double *im) {
  const size_t m = fft->n_each;
  for (size_t next = 0; next < m; next += LANES) {
    size_t k = next + LANES > m ? m - LANES : next;
    const double *from = x + 2 * LANES * k, *w = fft->joining + 2 * LANES * k;
    V a_re[LANES], a_im[LANES];
    C a[LANES];
    UNROLL for (size_t i = 0; i < LANES; i++) {
      C point = NAME(load_complex)(from + 2 * LANES * i);
      C turn = NAME(load_complex)(w + 2 * LANES * i);
      a_re[i] = point.re * turn.re - point.im * turn.im;
      a_im[i] = point.re * turn.im + point.im * turn.re;
    }
    NAME(transpose)(a_re);
    NAME(transpose)(a_im);
    UNROLL for (size_t i = 0; i < LANES; i++) a[i] = (C){a_re[i], a_im[i]};
    NAME(transform_lanes)(a);
    UNROLL for (size_t i = 0; i < LANES; i++) {
      NAME(store)(re + k + m * i, a[i].re);
      NAME(store)(im + k + m * i, a[i].im);
    }
  }
}

INLINE V NAME(reverse)(V a) {
  return __builtin_shufflevector(a, a, REVERSE);
}

/* Bins k … k + LANES - 1 of the spectrum. */
INLINE void NAME(put_bins)(C bins, size_t k, int as_power, float *out) {
  if (as_power) {
    NAME(store_floats)(out + k, bins.re * bins.re + bins.im * bins.im);
    return;
  }
  NAME(store_floats)(out + 2 * k, __builtin_shufflevector(bins.re, bins.im, LOW));
  NAME(store_floats)(out + 2 * k + LANES, __builtin_shufflevector(bins.re, bins.im, HIGH));
}

/* With h = n / 2, the even samples' transform is E[k] = (z[k] + conj z[h - k]) / 2, the odd ones'
 * O[k] = (z[k] - conj z[h - k]) / 2i; X[k] = E[k] + w^k O[k], X[h - k] = conj(E[k] - w^k O[k]). */
INLINE void NAME(part_pairs)(const hn_fft *fft, const double *re, const double *im, int as_power,
                             float *out) {
  const size_t h = fft->n_points;
  const double *w_re = fft->parting, *w_im = w_re + h;
  put_bin(re[0] + im[0], 0, 0, as_power, out);
  put_bin(re[0] - im[0], 0, h, as_power, out);
  for (size_t k = 1; k <= h / 2; k += LANES) {
    const size_t mirror = h - k - LANES + 1;
    V z_re = NAME(load)(re + k), z_im = NAME(load)(im + k);
    V y_re = NAME(reverse)(NAME(load)(re + mirror)), y_im = NAME(reverse)(NAME(load)(im + mirror));
    C even = {(z_re + y_re) * 0.5, (z_im - y_im) * 0.5};
    V odd_re = z_im + y_im, odd_im = y_re - z_re;
    V turn_re = NAME(load)(w_re + k), turn_im = NAME(load)(w_im + k);
    C odd = {odd_re * turn_re - odd_im * turn_im, odd_re * turn_im + odd_im * turn_re};
    C low = NAME(add)(even, odd), high = NAME(subtract)(even, odd);
    NAME(put_bins)(low, k, as_power, out);
    NAME(put_bins)((C){NAME(reverse)(high.re), -NAME(reverse)(high.im)}, mirror, as_power, out);
  }
}

static void NAME(forward)(const hn_fft *fft, const float *x, int as_power, float *out,
                          double *scratch) {
  const size_t n_numbers = 2 * fft->n_points;
  double *from = scratch, *to = from + n_numbers;
  NAME(take_samples)(fft, x, from);
  for (size_t i = 0; i < fft->n_passes; i++) {
    NAME(run_pass)(&fft->passes[i], fft->twiddles, from, to);
    double *swapped = from;
    from = to;
    to = swapped;
  }
  double *re = to, *im = to + fft->n_points;
  NAME(join_lanes)(fft, from, re, im);
  if (fft->n % 2) {
    for (size_t k = 0; k <= fft->n / 2; k++) put_bin(re[k], im[k], k, as_power, out);
  } else if (as_power) {
    NAME(part_pairs)(fft, re, im, 1, out);
  } else {
    NAME(part_pairs)(fft, re, im, 0, out);
  }
}

#undef V
#undef C
#undef LOW
#undef HIGH
#undef EVEN
#undef ODD
#undef REVERSE
