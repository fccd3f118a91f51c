/* Songs looked for in any bytes: stretches inside them, one behind the other. */
#include "corpora/genius_salvage.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_genius_cursor cursor = {0};
  hn_genius_song song;
  size_t end = 0;
  while (hn_genius_next_song((const char *)bytes, n, &cursor, &song)) {
    if (song.start < end || song.length == 0 || song.length > n - song.start) abort();
    if (bytes[song.start] != '{' || song.line == 0) abort();
    end = song.start + song.length;
  }
  return 0;
}
