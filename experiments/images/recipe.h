// Recipes: settings of a program as an INI file.
//
//     # comment
//     rate = 2e-4
//     critic = input 28x28x1;          a value goes on in lines that are indented
//         conv 64 k5 s2 leaky 0.2;
//         linear 1
//
// Names are those of the flags, without sections; a flag without a value is yes or no.
#ifndef RECIPE_H
#define RECIPE_H

// The path of `recipe`: as it is where it has a slash or ends in .ini, else NAME.ini in
// experiments/recipes, looked for from the current folder and from the program's own upwards. Ends
// the program with EXIT_USAGE, listing the recipes that are there, where there is none of this
// name.
const char *recipe_path(const char *recipe);

// Recommends every setting of the file (setting_recommend). `barred` names settings that are no
// part of a recipe, with blanks between. Ends the program with EXIT_USAGE, naming file and line,
// for an unknown, barred or repeated name, a line that is none of the above or longer than 190
// bytes, or a ; that would begin a comment in the middle of a line; with EXIT_RESOURCE where it
// cannot be read. For Program.prepare.
void recipe_read(const char *path, const char *barred);

// The same for reading back: "NAME = VALUE" lines of settings in force, in the order of `names`
// (blanks between), those without a value left out. Long architectures go on in indented lines.
// Ends the program with EXIT_USAGE where a value does not fit a line. Kept as text() keeps.
const char *recipe_text(const char *names);

#endif
