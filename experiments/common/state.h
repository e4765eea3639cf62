// What options.c knows and report.c writes down. For these two files only.
#ifndef STATE_H
#define STATE_H

#include "contract.h"

extern const Program *program;
extern char *command_line;                  // as it was typed, words quoted where needed
const char *setting_in_force(size_t index); // text of program->settings[index]; NULL: none
void report_begin(void);                    // makes the output folder, watches for signals

#endif
