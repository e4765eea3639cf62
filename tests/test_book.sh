#!/usr/bin/env bash
# The book machinery on a small made-up repository: the good book passes, every kind of breakage is
# named with its file and line, fill repairs what is stale, and the HTML is whole.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
weave() { python3 -B "$here/book/weave.py" --root "$repo" "$@"; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
repo=$scratch/repo
passed=0
failed=0

verdict() { # verdict NAME COMMAND…: the command must succeed
    local name=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        sed 's/^/    /' "$scratch/log"
    fi
}

make_repo() {
    rm -rf "$repo"
    mkdir -p "$repo"/{book,toy,plots/paper}
    printf '/build/\n' >"$repo/.gitignore"
    printf '%s\n' '#include "circle.h"' '' '// [area]' 'double circle_area(double r) {' \
        '    // [product]' '    return 3.0 * r * r;' '    // [/product]' '}' '// [/area]' \
        >"$repo/toy/circle.c"
    printf '%s\n' '# seeds: 3' '# device: cpu' $'r\tarea\tarea_emp\tname' \
        $'0.5\t0.75\t0.7514\tsmall' $'1\t3\t2.96\tunit_circle' $'2\t12\t12.5\ta|b' \
        $'3\t27\tinf\tf, ar' $'4\t1.5e-07\tnan\ttiny' $'5\t-0.0001\t-2\tbelow' \
        >"$repo/plots/paper/circle.tsv"
    printf 'not looked into' >"$repo/plots/paper/circle.png"
    printf '%s\n' $'id\tverdict\tprogram' $'C1\tHOLDS\tcircle' $'C2\tHOLDS\tsquare' $'C3\tHOLDS\tsquare' \
        >"$repo/plots/paper/claims.tsv"
    head -n 2 "$repo/plots/paper/claims.tsv" >"$repo/plots/paper/circle.claims.tsv"
    printf '%s\n' $'id\tnote' $'C2\tonly *nearly*' >"$repo/book/notes.tsv"
    mkdir "$repo/experiments" && echo 'int main(void);' >"$repo/experiments/square.c"
    cat >"$repo/README.md" <<'END'
# Circles

The area at radius 1 is <!-- value: plots/paper/circle.tsv area_emp at r=1 %.2f -->2.96<!-- / -->;
see [the book](book/README.md).
END
    cat >"$repo/book/README.md" <<'END'
# A book of circles

1. [The area](area.md), and [how it is measured](area.md#the-measured-area).
2. [More](more.md)
3. [Verdicts](verdicts.md)

The [front page](../README.md).
END
    cat >"$repo/book/area.md" <<'END'
# The area

With $`\hat{r}_{1}\,\{r\}`$ and $A = 3 r^2$, a price of \$5, $r$ in $[-1, 1]$, and `$HOME`:

$$
A(r) = \int_0^r 6 s \mathrm{d}s
$$

```math
\begin{aligned}
A &= 3 r^2 \\
  &= 3 \lVert r \rVert^2
\end{aligned}
```

<!-- code: toy/circle.c area -->
```c
double circle_area(double r) {
    return 3.0 * r * r;
}
```

In a list:

- the product,

  <!-- code: toy/circle.c product -->
  ```c
  return 3.0 * r * r;
  ```

<!-- sketch -->
```c
circle_area(2);
```

## The measured area

From <!-- value: plots/paper/circle.tsv #seeds -->3<!-- / --> seeds, at
radius 2 it is <!-- value: plots/paper/circle.tsv area_emp at r=2.0 %.1f -->12.5<!-- / -->, then
it is <!-- value: plots/paper/circle.tsv area_emp at "name=f\, ar" %.1f -->∞<!-- / --> and
it is <!-- value: plots/paper/circle.tsv area_emp at r=4 %.1f -->undefined<!-- / -->, tiny
as <!-- value: plots/paper/circle.tsv area at name=tiny %.1e -->1.5×10⁻⁷<!-- / --> or
as <!-- value: plots/paper/circle.tsv area at r=5 %.4f -->−0.0001<!-- / --> or
as <!-- value: plots/paper/circle.tsv area at r=5 %.2f -->0.00<!-- / -->; the worst error
is <!-- value: plots/paper/circle.tsv max(abs(area_emp-area)) at r<=2 %.3f -->0.500<!-- / --> over
all <!-- value: plots/paper/circle.tsv count(r) at r<=2 %d -->3<!-- / -->, that
is <!-- value: plots/paper/circle.tsv "100*abs(area_emp/area - 1)" at r=1 "%.1f %%" -->1.3 %<!-- / -->.

<!-- table: plots/paper/circle.tsv at r=0.5|2|3
     $r$: r %.1f
     area: area %.2f
     error: area_emp-area %+.3f
     name -->
| $r$ |  area |  error | name  |
| --: | ----: | -----: | ----- |
| 0.5 |  0.75 | +0.001 | small |
| 2.0 | 12.00 | +0.500 | a\|b  |
| 3.0 | 27.00 |      ∞ | f, ar |
<!-- / -->

![The *area* against $r$](../plots/paper/circle.png)

The code is in [circle.c](../toy/circle.c), the numbers in [a folder](../plots/paper), the rest in
[More](more.md#why-it-is-so) and [on the net](https://example.org/a--b)[^1].

[^1]: A note.

<details>
<summary>Answer</summary>

It is $3$.

</details>
END
    cat >"$repo/book/more.md" <<'END'
# More & so on

## Why it is so

Back to [the area](area.md) or [up](#why-it-is-so).
END
    sed -i 's/^# More & so on/# More/' "$repo/book/more.md"
    cat >"$repo/book/verdicts.md" <<'END'
# Verdicts

Of <!-- value: plots/paper/claims.tsv count(id) %d -->3<!-- / --> claims <!-- value: plots/paper/claims.tsv count(id) at verdict=FAILS %d -->0<!-- / --> fail.

<!-- table: plots/paper/circle.claims.tsv
     id -->
| id  |
| --- |
| C1  |
<!-- / -->

<!-- table: plots/paper/claims.tsv at id!=C3 else "None."
     id
     note: lookup(book/notes.tsv,id,note)
     derived in: chapter(program) -->
| id  | note            | derived in                          |
| --- | --------------- | ----------------------------------- |
| C1  | –               | [Verdicts](verdicts.md)             |
| C2  | only \*nearly\* | [`square`](../experiments/square.c) |
<!-- / -->

<!-- table: plots/paper/claims.tsv at verdict=FAILS else "All hold."
     id -->
All hold.
<!-- / -->
END
    git -C "$repo" init -q
}

# broken NAME FILE SED PLACE MESSAGE: after the edit, check must exit 1 and say PLACE: …MESSAGE….
# PLACE is FILE:LINE or FILE~TEXT, the line of FILE that holds TEXT.
broken() {
    local name=$1 file=$2 edit=$3 place=$4 message=$5
    make_repo
    sed -i -e "$edit" "$repo/$file"
    expect "$name" "$place" "$message"
}

expect() {
    local name=$1 place=$2 message=$3 status
    if [[ $place == *~* ]]; then
        place=${place%%~*}:$(grep -nF -m1 -- "${place#*~}" "$repo/${place%%~*}" | cut -d: -f1)
    fi
    weave check >"$scratch/said" 2>&1
    status=$?
    verdict "$name: exit $status" test $status -eq 1
    verdict "$name: no '$place: …$message…' in: $(cat "$scratch/said")" \
        awk -v place="$place: " -v message="$message" \
        'index($0, place) == 1 && index($0, message) { found = 1 } END { exit !found }' "$scratch/said"
}

make_repo
verdict "the good book passes" weave check
verdict "and says nothing" test -z "$(weave check 2>&1)"
cp -r "$repo" "$scratch/before"
weave fill >"$scratch/said"
verdict "fill leaves a good book alone" diff -r "$repo/book" "$scratch/before/book"
verdict "and names no file" test ! -s "$scratch/said"
weave snippets >"$scratch/said"
verdict "snippets are listed" grep -q $'^toy/circle.c:3-9\tarea\tbook/area.md$' "$scratch/said"

a=book/area.md t=plots/paper/circle.tsv
broken "stale fence" toy/circle.c 's/3\.0/3.14/' "$a~    return 3.0" "toy/circle.c:4 (area)"
broken "stale fence in a list" toy/circle.c 's/3\.0/3.14/' "$a~  return 3.0 * r * r;" "(area)"
broken "fence edited by hand" $a 's/^circle_area(2)/x/; s/^}$/};/' "$a~};" "fence differs"
broken "unknown snippet" $a 's/circle.c area -->/circle.c volume -->/' \
    "$a~circle.c volume" "no snippet volume (it has area, product)"
broken "unknown source" $a 's/toy.circle.c area -->/toy\/square.c area -->/' \
    "$a~square.c area" "cannot read toy/square.c"
broken "mark without fence" $a '/code: toy.circle.c area/a\\' "$a~circle.c area" "no code fence"
broken "fence without mark" $a '/sketch/d' "$a:32" "c fence without a mark"
broken "open fence" book/more.md '$a```' "book/more.md:6" "fence is not closed"
broken "snippet not closed" toy/circle.c '/\[.area\]/d' "toy/circle.c:3" "area is not closed"
broken "snippet not opened" toy/circle.c '/\/ \[area\]/d' "toy/circle.c:8" "closes no snippet"
broken "snippet twice" toy/circle.c 's/\[product\]/[area]/' "toy/circle.c:5" "second snippet area"
broken "snippet shown nowhere" $a '/circle.c product/,+1d' "toy/circle.c:5" "shown in no chapter"

broken "stale number" $t 's/12\.5/12.6/' "$a~at r=2.0" "'12.5' should be '12.6' ($t:6)"
broken "stale number on the front page" $t 's/2\.96/2.97/' "README.md:3" "'2.96' should be '2.97'"
broken "stale setting" $t 's/seeds: 3/seeds: 4/' "$a~#seeds" "'3' should be '4'"
broken "stale aggregate" $t 's/12\.5/12.6/' "$a~max(abs" "'0.500' should be '0.600'"
broken "unknown column" $a 's/area_emp at r=2\.0/volume at r=2.0/' \
    "$a~volume at" "no column volume (it has r, area, area_emp, name)"
broken "unknown column in a condition" $a 's/at r=2\.0/at R=2.0/' "$a~at R=" "no column R"
broken "unknown column in an expression" $a 's/area_emp-area))/area_emp-a))/' \
    "$a~area_emp-a))" "no column a"
broken "unknown setting" $a 's/#seeds/#sedes/' "$a~#sedes" "no setting sedes"
broken "no such row" $a 's/at r=2\.0/at r=7/' "$a~at r=7" "no row with r=7"
broken "two rows" $a 's/at r=2\.0/at r=1|2/' "$a~at r=1|2" "2 rows of $t fit, not one (lines 5, 6)"
broken "bad condition" $a 's/at r=2\.0/at r/' "$a~at r %" "not a condition"
broken "bad format" $a 's/at r=2\.0 %.1f/at r=2.0 %q/' "$a~%q" "not one printf conversion"
broken "text as a number" $a 's/area_emp at r=2\.0/name at r=2/' "$a~name at r=2" "needs a number"
broken "text in an expression" $a 's/max(abs(area_emp-area))/max(name)/' \
    "$a~max(name)" "$t:4: name is 'small', not a number"
broken "half as %d" $a 's/at r=2\.0 %.1f/at r=2.0 %d/' "$a~at r=2.0 %d" "whole number"
broken "division by zero" $a 's/#seeds/1\/(r-r) at r=1/' "$a~1/(r-r)" "division by zero"
broken "no expression" $a 's/#seeds/open(r)/' "$a~open(r)" "one of max"
broken "unknown TSV" $a 's/circle.tsv #seeds/square.tsv #seeds/' "$a~square.tsv" "cannot read"
broken "unknown mark" $a 's/value: .* #seeds/vlaue: x/' "$a~vlaue" "unknown mark"
broken "plain comment" book/more.md '$a<!-- to do -->' "book/more.md:6" "unknown mark"
broken "value not closed" $a 's/\(#seeds -->3\).*<!-- . -->/\1/' "$a~#seeds" "not closed"
broken "value over two lines" $a 's/\(#seeds -->3\)/\1\n/' "$a~#seeds" "not closed on its line"
broken "value at a line's start" $a 's/^From <!--/<!--/' "$a~#seeds" "cannot start a line"
broken "close without open" $a 's/^From/From <!-- \/ -->/' "$a~From" "closes no mark"
broken "comment not closed" book/more.md '$a<!-- code: x' "book/more.md:6" "comment is not closed"
broken "dashes in a comment" $a 's/#seeds/--seeds/' "$a~--seeds" "no -- inside"

broken "stale table" $t 's/^2\t12/2\t13/' "$a~| 2.0 | 12.00" "table differs from $t:6"
broken "stale table head" $a 's/     area: area %/     Area: area %/' "$a~| \$r\$ |" "table differs"
broken "table not closed" $a '/f, ar |/{n;d}' "$a~table: " "table mark is not closed"
broken "table without columns" $a '/\$r\$: r/,/^     name/d; s/0.5|2|3/1 -->/' "$a~r=1 -->" \
    "write <!-- table"
broken "bad table column" $a 's/^     \$r\$: r %.1f/     r r r/' "$a~table: " "is not 'TITLE"

v=book/verdicts.md c=plots/paper/claims.tsv
broken "stale count" $c '$aC4\tHOLDS\tcircle' "$v~count(id) %d" "'3' should be '4' ($c:2)"
broken "stale count of none" $c '3s/HOLDS/FAILS/' "$v~count(id) %d" "'0' should be '1' ($c:3)"
broken "a table where none was" $c '3s/HOLDS/FAILS/' "$v:24" "table differs from $c:3"
broken "none where a table was" $v 's/id!=C3/id=C3,verdict=FAILS/' "$v~| id  | note" "table differs from $c:1"
broken "none, and nothing to say" $v 's/ else "All hold."//' "$v:22" "no row with verdict=FAILS"
broken "stale note" book/notes.tsv 's/nearly/almost/' "$v~| C2  |" "table differs from $c:3"
broken "note on a claim that is not there" book/notes.tsv '$a C9\tnever asked for' "$v~id!=C3" "book/notes.tsv has a row for C9, which $c has not"
broken "id that no claim has" $v 's/id!=C3/id!=C3|C4/' "$v~id!=C3" "$c has no id C4"
broken "note that is missing" book/notes.tsv '2s/C2/C1/' "$v~| C1  | –" "table differs from $c:2"
broken "unknown column of notes" $v 's/id,note)/id,reason)/' "$v~id!=C3" "no column reason (it has id, note)"
broken "unknown key of notes" $v 's/tsv,id,note)/tsv,name,note)/' "$v~id!=C3" "no column name (it has id, verdict"
broken "unknown file of notes" $v 's/notes.tsv/remarks.tsv/' "$v~id!=C3" "cannot read book/remarks.tsv"
broken "unknown column of programs" $v 's/chapter(program)/chapter(name)/' "$v~id!=C3" "no column name"
make_repo
sed -i '3s/square/cube/' "$repo/$c" && weave fill >/dev/null
expect "program with neither chapter nor source" "$v~| C2  |" "link to experiments/cube.c, which does not exist"

broken "empty TSV" $t 'd' "$t:1" "no row of column names"
broken "TSV without rows" $t '4,$d' "$t:1" "no rows"
broken "ragged TSV" $t '5s/\t[^\t]*$//' "$t:5" "3 cells for 4 columns"
broken "column twice" $t '3s/area_emp/area/' "$t:3" "used twice"
broken "bad setting" $t '2s/:/ /' "$t:2" "not a '# key: value'"

broken "missing figure" $a 's/circle.png/square.png/' "$a~square.png" "does not exist"
broken "empty figure" plots/paper/circle.png 'd' "$a~circle.png" "is empty"
broken "figure without text" $a 's/!\[.*\]/![]/' "$a~![]" "has no text"
make_repo
mv "$repo/plots/paper/circle.png" "$repo/plots/paper/square.png"
sed -i 's/circle.png/square.png/' "$repo/$a"
expect "figure without TSV" "$a~square.png" "no plots/paper/square.tsv"
broken "dead link" $a 's/toy.circle.c)/toy\/square.c)/' "$a~square.c)" "does not exist"
broken "dead anchor" book/README.md 's/#the-measured/#the-guessed/' \
    "book/README.md:3" "book/area.md has no heading #the-guessed-area"
broken "dead anchor in place" book/more.md 's/(#why/(#how/' "book/more.md:5" "no heading #how-it"
broken "link to a line" $a 's/circle.c)/circle.c#L3)/' "$a~#L3" "only chapters have anchors"
broken "link out of the tree" $a 's/(..\/toy.circle.c)/(..\/..\/x)/' "$a~../../x" "leads out"
broken "absolute link" $a 's/(..\/toy.circle.c)/(\/toy\/circle.c)/' "$a~(/toy" "are relative"
make_repo
mkdir "$repo/build" && touch "$repo/build/x.c"
sed -i 's/..\/toy.circle.c)/..\/build\/x.c)/' "$repo/$a"
expect "link to an ignored file" "$a~build/x.c" "ignored by git"
broken "link in HTML" book/more.md '$a<a href="x">y</a>' "book/more.md:6" "in Markdown"
broken "link by reference" book/more.md '$a\\n[x]: area.md' "book/more.md:7" "link in place"
broken "undefined footnote" $a '/^\[^1\]/d' "$a~[^1]" "not defined"
make_repo
echo '# Lost' >"$repo/book/lost.md"
expect "chapter not listed" "book/lost.md:1" "does not list"

broken "no title" book/more.md '1d' "book/more.md:1" "first heading"
broken "two titles" book/more.md '$a\\n# Again' "book/more.md:7" "second '# Title'"
broken "level jump" book/more.md 's/^## /### /' "book/more.md:3" "jumps from 1 to 3"
broken "heading twice" book/more.md '$a\\n## Why it is so' "book/more.md:7" "same anchor #why-it"
broken "maths in a heading" book/more.md 's/^## .*/## Why $x$/' "book/more.md:3" "plain words"
broken "underlined heading" book/more.md '$a\\nText\n----' "book/more.md:8" "write '## Heading'"
broken "list in a formula" book/more.md '$a\\n```math\nx\n- y\n```' "book/more.md:9" "begins like a list"
broken "lone dollar" book/more.md '$aIt costs $5.' "book/more.md:6" "opens or closes no formula"
broken "open formula" book/more.md '$a\\n$$\nx = 1\n\ny$$' "book/more.md:7" "no formula"
broken "escape in dollars" book/more.md '$aThe set $\\{x\\}$.' "book/more.md:6" \
    'in dollars as Markdown'
broken "two subscripts in dollars" book/more.md '$a$\\hat{x}_{1} + \\hat{y}_{2}$' \
    "book/more.md:6" "emphasis"
broken "two stars in dollars" book/more.md '$a$f^*$ and $g^*$' "book/more.md:6" "emphasis"
broken "formula glued to a word" book/more.md '$aThe $n$th.' "book/more.md:6" "touches"
broken "value in maths" book/more.md \
    '$aSo $x = <!-- value: plots/paper/circle.tsv #seeds -->3<!-- / -->$.' "book/more.md:6" "no mark"
broken "bar in a table" book/more.md '$a\\n| $|x|$ |\n|--|' "book/more.md:7" "ends the cell"
broken "two dashes" book/more.md '$aUse --seed.' "book/more.md:6" "-- in prose"
broken "summary without a blank line" $a '/<summary>/{n;d}' "$a~<summary>" "blank line after"
broken "details without a blank line" $a '/It is \$3/{n;d}' "$a~</details>" "before </details>"
broken "details not closed" $a '/<\/details>/d' "$a~<details>" "not closed"

make_repo
cp -r "$repo" "$scratch/good"
sed -i 's/-->12.5</-->9</; s/^    return 3.0.*/    old;/; s/| 27.00 |/| 1 |/' "$repo/$a"
sed -i 's/-->2.96</-->?</' "$repo/README.md"
verdict "three stale marks and one on the front page are all named" \
    test "$(weave check | wc -l)" -eq 4
weave fill >"$scratch/said"
verdict "fill repairs them" diff -r "$repo/book" "$scratch/good/book"
verdict "and the front page" diff "$repo/README.md" "$scratch/good/README.md"
verdict "and names both files" test "$(sort "$scratch/said" | tr '\n' ' ')" = \
    "filled README.md filled book/area.md "
verdict "and leaves no other file" diff <(cd "$repo" && find . -type f | grep -v '^./.git/' | sort) \
    <(cd "$scratch/good" && find . -type f | grep -v '^./.git/' | sort)
verdict "and a second time does nothing" test -z "$(weave fill)"
sed -i 's/#seeds/#sedes/; s/-->12.5</-->9</' "$repo/$a"
cp "$repo/$a" "$scratch/kept"
weave fill >"$scratch/said"
verdict "fill fails on a mark that makes no sense" grep -q "^$a:[0-9]*: .*no setting sedes" \
    "$scratch/said"
verdict "and leaves that chapter as it was" diff "$repo/$a" "$scratch/kept"

verdict "no book at all is a usage error" test "$(python3 -B "$here/book/weave.py" --root "$scratch" \
    check 2>&1; echo $?)" = "weave.py: no book/README.md in $scratch"$'\n'2
weave html >/dev/null 2>&1
verdict "html without a folder is a usage error" test $? -eq 2
make_repo
mkdir "$scratch/bin" && ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$scratch/bin/python3"
(PATH=$scratch/bin weave html "$scratch/html") >"$scratch/said" 2>&1
verdict "no pandoc: exit 2" test $? -eq 2
verdict "no pandoc: one line" grep -qx 'weave.py: pandoc is needed .*' "$scratch/said"

if command -v pandoc >/dev/null; then
    html=$scratch/html
    page() { grep -q -- "$2" "$html/$1"; }
    lacks() { ! grep -q -- "$2" "$html/$1"; }
    verdict "html builds" weave html "$html"
    for name in area.html earthmover.html; do
        verdict "$name has MathML" page $name '<math display="block"'
        verdict "$name has no TeX left over" lacks $name 'class="math'
        verdict "$name has the sign of a number beside it" page $name '>\[</mo><mo form="prefix" [^>]*rspace="0em">−</mo><mn>1<'
        verdict "$name has no marks" lacks $name '<!--'
        verdict "$name has no link to .md" lacks $name 'href="[^"]*\.md'
        verdict "$name has the aligned formula" page $name '<mtd columnalign="right">'
        verdict "$name has the code in colour" page $name '<span class="cf">return</span>'
        verdict "$name has maths in the caption" page $name '<p>The <em>area</em> against <math'
        verdict "$name has the answer as maths" page $name '<p>It is <math'
    done
    verdict "link between pages" page area.html 'href="more.html#why-it-is-so"'
    verdict "link to a source" page area.html 'href="source/toy/circle.c.html"'
    verdict "the source" page source/toy/circle.c.html 'circle_area'
    verdict "link to the front page" page index.html 'href="readme.html"'
    verdict "next" page area.html '<a href="more.html">More →</a>'
    verdict "previous" page more.html '<a href="area.html">← The area</a>'
    verdict "one file: link" page earthmover.html 'href="#more/why-it-is-so"'
    verdict "one file: anchor" page earthmover.html 'id="more/why-it-is-so"'
    verdict "one file: figure" page earthmover.html 'src="data:image/png;base64,bm90IGxvb2'
    verdict "one file: source" page earthmover.html 'href="#source/toy/circle.c"'
    cp -r "$html" "$scratch/again"
    weave html "$html" >/dev/null
    verdict "html twice gives the same bytes" diff -r "$html" "$scratch/again"
    sed -i 's/^Back/And $\\argmax x$. Back/' "$repo/book/more.md"
    weave html "$html" >"$scratch/said"
    verdict "maths that pandoc cannot read: exit 1" test $? -eq 1
    verdict "maths that pandoc cannot read: line" grep -q '^book/more.md:5: pandoc: .*argmax' \
        "$scratch/said"
    make_repo
    mkdir "$scratch/links"
    printf '%s\n' '<p id="a">' '<p id="a">' '<a href="#b">' '<a href="gone.html">' '<img src="x">' \
        '<a href="#a"><a href="https://example.org"><a href="one.html#a">' >"$scratch/links/one.html"
    PYTHONPATH=$here/book python3 -B - "$scratch/links" >"$scratch/said" <<'END'
import sys
from weaving.follow import follow_links
from weaving.repo import Repo
repo = Repo(".")
follow_links(repo, sys.argv[1], ["one.html"])
repo.report()
END
    verdict "broken HTML is found: lines 2, 3, 4, 5" test \
        "$(sed 's/.*one.html:\([0-9]*\): .*/\1/' "$scratch/said" | tr '\n' ' ')" = "2 3 4 5 "
    sed -i 's/12\.5/12.6/' "$repo/$t"
    weave html "$scratch/none" >/dev/null
    verdict "a stale book is not built" test ! -e "$scratch/none"
else
    echo "SKIPPED: HTML (pandoc is not installed)"
fi

echo "$passed passed, $failed failed"
test $failed -eq 0
