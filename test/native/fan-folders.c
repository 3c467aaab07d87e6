// The table of folders alone: adds some, with more than there are chains for
// at first, finds, drops and adds them again. Ends with 0 when all is as it
// should be, else with the number of the line that was wrong.
#include <stddef.h>
#include <string.h>

#include "fan-folders.h"

enum { COUNT = 1000 };

#define EXPECT(true_)                                                          \
  do {                                                                         \
    if (!(true_))                                                              \
      return __LINE__;                                                         \
  } while (0)

static struct fan_key key_of(const int *handle, const char *file_system) {
  return (struct fan_key){.file_system = file_system,
                          .type = 1,
                          .bytes = sizeof *handle,
                          .handle = handle};
}

int main(void) {
  static const char here[FAN_SYSTEM_BYTES + 1] = "this one";
  static const char there[FAN_SYSTEM_BYTES + 1] = "that one";
  struct fan_folders *all = fan_folders_open();
  EXPECT(all != NULL);
  for (int i = 0; i < COUNT; i++)
    EXPECT(fan_folders_add(all, key_of(&i, here)) == i);
  for (int i = 0; i < COUNT; i++) {
    EXPECT(fan_folders_add(all, key_of(&i, here)) == i);
    EXPECT(fan_folders_find(all, key_of(&i, there)) == -1);
  }
  for (int i = 0; i < COUNT; i += 2)
    fan_folders_drop(all, i);
  for (int i = 0; i < COUNT; i++)
    EXPECT(fan_folders_find(all, key_of(&i, here)) == (i % 2 == 0 ? -1 : i));
  // Numbers are given once.
  for (int i = 0; i < COUNT; i += 2)
    EXPECT(fan_folders_add(all, key_of(&i, here)) == COUNT + i / 2);
  EXPECT(fan_folders_add(all, key_of(&(int){0}, there)) == COUNT + COUNT / 2);
  fan_folders_close(all);
  return 0;
}
