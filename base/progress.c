#include "base/progress.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct hn_progress {
  FILE *stream;
  int is_terminal;
  size_t total, n_done;
  double started, counted_from, drawn; /* counted_from: the last restart */
  pthread_mutex_t lock;
  char stage[64], unit[16], note[96];
};

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

hn_progress *hn_progress_create(FILE *stream, const char *stage, const char *unit, size_t total) {
  if (!stream) return NULL;
  hn_progress *p = hn_calloc(1, sizeof *p);
  if (!p) return NULL;
  p->stream = stream;
  p->is_terminal = isatty(fileno(stream));
  p->total = total;
  p->started = p->counted_from = now_seconds();
  pthread_mutex_init(&p->lock, NULL);
  snprintf(p->stage, sizeof p->stage, "%s", stage);
  snprintf(p->unit, sizeof p->unit, "%s", unit);
  return p;
}

static void draw(hn_progress *p, double now) {
  char bar[21];
  double seconds = now - p->counted_from;
  double rate = seconds > 0 ? (double)p->n_done / seconds : 0;
  size_t filled = p->total ? 20 * (p->n_done < p->total ? p->n_done : p->total) / p->total : 0;
  memset(bar, '.', 20);
  memset(bar, '#', filled);
  bar[20] = 0;
  fprintf(p->stream, "\r\033[K%s [%s] %zu/%zu %s, %.1f/s", p->stage, bar, p->n_done, p->total,
          p->unit, rate);
  if (rate > 0 && p->total > p->n_done)
    fprintf(p->stream, ", %.0f s left", (double)(p->total - p->n_done) / rate);
  if (p->note[0]) fprintf(p->stream, "  %s", p->note);
  fflush(p->stream);
  p->drawn = now;
}

void hn_progress_advance(hn_progress *p, size_t n) {
  if (!p) return;
  pthread_mutex_lock(&p->lock);
  p->n_done += n;
  if (p->is_terminal) {
    double now = now_seconds();
    if (now - p->drawn >= 0.1) draw(p, now);
  }
  pthread_mutex_unlock(&p->lock);
}

void hn_progress_restart(hn_progress *p, const char *unit, size_t total) {
  if (!p) return;
  pthread_mutex_lock(&p->lock);
  snprintf(p->unit, sizeof p->unit, "%s", unit);
  p->total = total;
  p->n_done = 0;
  p->counted_from = now_seconds();
  pthread_mutex_unlock(&p->lock);
}

void hn_progress_note(hn_progress *p, const char *format, ...) {
  if (!p) return;
  va_list args;
  va_start(args, format);
  pthread_mutex_lock(&p->lock);
  vsnprintf(p->note, sizeof p->note, format, args);
  pthread_mutex_unlock(&p->lock);
  va_end(args);
}

void hn_progress_destroy(hn_progress *p) {
  if (!p) return;
  double seconds = now_seconds() - p->started;
  if (p->is_terminal) fputs("\r\033[K", p->stream);
  fprintf(p->stream, "%s: %zu %s in %.*f s%s%s\n", p->stage, p->n_done, p->unit,
          seconds < 10 ? 3 : 1, seconds, p->note[0] ? ", " : "", p->note);
  fflush(p->stream);
  pthread_mutex_destroy(&p->lock);
  hn_free(p);
}
