/* The main program of a fuzz driver without a fuzzer: feeds LLVMFuzzerTestOneInput every saved
 * input of the folders in HN_CORPUS (separated by ':', below the test's source folder), then each
 * of them cut short and with bits flipped. A fault shows as a crash or a sanitizer's report; the
 * last input is named then. Link libFuzzer in this file's place to search for new inputs. */
#include "tests/fuzz.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

enum { MAX_CUTS = 300, MAX_DAMAGED = 600, MAX_FLIPS = 4 };

/* A copy of exactly n bytes, so that the address sanitizer sees a read beyond them. */
static void feed(const char *bytes, size_t n) {
  uint8_t *copy = malloc(n ? n : 1);
  if (!copy) abort();
  memcpy(copy, bytes, n);
  LLVMFuzzerTestOneInput(copy, n);
  free(copy);
}

/* Half of the damage falls into the first 128 bytes, where headers are. */
static size_t pick_byte(hn_rng *rng, size_t n) {
  size_t head = n < 128 ? n : 128;
  return (size_t)hn_rng_below(rng, hn_rng_below(rng, 2) ? n : head);
}

static void feed_variants(const char *path, char *bytes, size_t n) {
  size_t step = n / MAX_CUTS + 1;
  fprintf(stderr, "%s\n", path);
  feed(bytes, n);
  for (size_t cut = 0; cut < n; cut += step) feed(bytes, cut);
  for (uint64_t i = 0; n > 0 && i < MAX_DAMAGED; i++) {
    size_t places[MAX_FLIPS];
    char kept[MAX_FLIPS];
    hn_rng rng;
    hn_rng_init(&rng, 1, path, i);
    size_t n_flips = 1 + (size_t)hn_rng_below(&rng, MAX_FLIPS);
    for (size_t f = 0; f < n_flips; f++) {
      places[f] = pick_byte(&rng, n);
      kept[f] = bytes[places[f]];
      bytes[places[f]] = (char)(bytes[places[f]] ^ 1 << hn_rng_below(&rng, 8));
    }
    feed(bytes, n);
    for (size_t f = n_flips; f-- > 0;) bytes[places[f]] = kept[f];
  }
}

static size_t replay_folder(const char *folder) {
  hn_error err = {0};
  char **names = NULL;
  size_t n = 0;
  if (hn_folder_list(folder, &names, &n, &err) != HN_OK) fprintf(stderr, "%s\n", err.message);
  for (size_t i = 0; i < n; i++) {
    char *path = hn_path_join(folder, names[i]), *bytes = NULL;
    size_t length;
    if (!path || hn_file_read(path, &bytes, &length, &err) != HN_OK) abort();
    feed_variants(names[i], bytes, length);
    hn_free(bytes);
    hn_free(path);
  }
  hn_names_free(names, n);
  return n;
}

int main(void) {
  char folders[] = HN_CORPUS;
  size_t n_inputs = 0;
  for (char *folder = strtok(folders, ":"); folder; folder = strtok(NULL, ":"))
    n_inputs += replay_folder(folder);
  if (n_inputs == 0) fputs("no saved inputs in " HN_CORPUS "\n", stderr);
  return n_inputs == 0;
}
