"""Renders the templates of tests/data/chat_templates with transformers: the expected results of tests/model/chat_template_test.cc.

    pip install transformers tokenizers
    python tools/make_chat_template_goldens.py tests/data/chat_templates

Writes snippets.jsonl, small templates that are about one feature each with what they render (or that they are refused), and
conversations.jsonl, what the *.jinja files there make of the conversations of compare_chat_templates.py.
"""

import json
import pathlib
import sys

import compare_chat_templates
from transformers.utils import chat_template_utils

MESSAGES = [
    {"role": "system", "content": " Be nice.\n"},
    {"role": "user", "content": "Grüße, \"Anna\" & 'Bo' <b>", "n": 3, "x": 1.5, "flag": True, "none": None, "tags": ["b", "A", "c", "a"],
     "nested": {"k": [1, 2.0, "ä"], "empty": {}, "t": None}, "items": "shadowed", "update": "u"},
    {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello"},
]

SNIPPETS = r"""
{{ 1 + 2 * 3 - 4 / 2 }}|{{ 7 // 2 }}|{{ -7 // 2 }}|{{ 7 % 3 }}|{{ -7 % 3 }}|{{ 2 ** 10 }}|{{ 2 ** -1 }}|{{ 2 ** 3 ** 2 }}|{{ -2 ** 2 }}
{{ 7.5 // 2 }}|{{ -7.5 // 2 }}|{{ 7.5 % 2 }}|{{ -7.5 % 2 }}|{{ 1e3 }}|{{ 1.0 }}|{{ 1e16 }}|{{ 123456789012345680.0 }}|{{ 1e-5 }}|{{ 0.0001 }}|{{ 3.14159 }}|{{ 1/3 }}
{{ 1_000 }}|{{ 0x1F }}|{{ 0b101 }}|{{ 0o17 }}|{{ 1_0.5_0 }}|{{ 1e+2 }}
{{ 'a' ~ 1 ~ none ~ true ~ 1.5 }}|{{ 'a' + 'b' }}|{{ 'ab' * 3 }}|{{ 3 * [1, 2] }}|{{ 'x' * 0 }}|{{ [1] + [2] }}|{{ (1,) + (2, 3) }}
{{ 1 < 2 < 3 }}|{{ 1 < 3 < 2 }}|{{ 1 == 1.0 }}|{{ true == 1 }}|{{ 'a' < 'b' }}|{{ [1, 2] < [1, 3] }}|{{ 'a' == 1 }}|{{ none == none }}|{{ (1, 2) == [1, 2] }}
{{ 'a' in 'cat' }}|{{ 'x' not in 'cat' }}|{{ 1 in [1, 2] }}|{{ 'role' in messages[0] }}|{{ 2 in (1, 2) }}|{{ 'k' in {'k': 1} }}|{{ 1 in range(3) }}
{{ not true }}|{{ not '' and 1 }}|{{ '' or 'x' }}|{{ 1 and 0 }}|{{ none or [] or 'last' }}|{{ not undefinedname }}
{{ 'y' if 1 else 'n' }}|{{ 'y' if 0 else 'n' }}|{{ 'y' if 0 }}|{{ 'a' if 0 else 'b' if 0 else 'c' }}
{{ 'a' is string }}|{{ 1 is number }}|{{ true is number }}|{{ 1.5 is float }}|{{ 1 is integer }}|{{ true is integer }}|{{ true is boolean }}|{{ none is none }}|{{ {} is mapping }}|{{ [] is mapping }}
{{ [] is sequence }}|{{ 'a' is sequence }}|{{ {} is sequence }}|{{ 1 is sequence }}|{{ [] is iterable }}|{{ 1 is iterable }}|{{ nope is iterable }}|{{ nope is defined }}|{{ nope is undefined }}|{{ messages is defined }}
{{ 3 is odd }}|{{ 4 is even }}|{{ 9 is divisibleby 3 }}|{{ 1 is eq 1 }}|{{ 1 is equalto(2) }}|{{ 2 is gt 1 }}|{{ 2 is ge(2) }}|{{ 1 is lt 2 }}|{{ 1 is ne 2 }}|{{ 'a' is in ['a'] }}|{{ none is sameas none }}
{{ true is true }}|{{ 1 is true }}|{{ false is false }}|{{ 'abc' is lower }}|{{ 'ABC' is upper }}|{{ range is callable }}|{{ 'x'.items is defined }}|{{ 'trim' is filter }}|{{ 'odd' is test }}
{{ 1 is not defined }}|{{ 1 is defined and 2 is not none }}|{{ not 1 is string }}|{{ 'a' is string == true }}
{{ 'hello'[0] }}|{{ 'hello'[-1] }}|{{ 'hello'[1:3] }}|{{ 'hello'[::-1] }}|{{ 'hello'[:-2] }}|{{ 'hello'[::2] }}|{{ 'Grüße'[2:4] }}|{{ 'hello'[10] }}|{{ 'hello'[3:1] }}|{{ 'hello'[-100:100] }}
{{ [1, 2, 3][::-1] }}|{{ [1, 2, 3][1:] }}|{{ (1, 2, 3)[:2] }}|{{ [1, 2, 3][-2] }}|{{ [0, 1, 2, 3, 4, 5][4:0:-2] }}|{{ range(10)[2] }}
{{ messages[0].role }}|{{ messages[0]['role'] }}|{{ messages[1].nested.k[2] }}|{{ messages[1].nope }}|{{ messages[1]['nope'] }}|{{ messages[1].items is string }}|{{ messages[1]['items'] }}|{{ messages[1].update is defined }}
{{ messages[5] is defined }}|{{ messages[0].content.text is defined }}|{{ 'abc'.foo is defined }}|{{ none.x is defined }}
{{ messages[1] }}
{{ ['a\'b', "a\"b", 'a\'"b', 'a\\b', 'a\nb\tc', 'é', '\u200b', '\x7f', '\U0001F600', '\ue000'] }}
{{ (1,) }}|{{ () }}|{{ (1, 'a', none) }}|{{ {'a': 1, 2: [true]} }}|{{ {} }}|{{ [] }}
{{ messages[1].keys() | list }}|{{ {'a': 1}.items() }}|{{ {'a': 1}.keys() }}|{{ {'a': 1}.values() | list }}|{{ {'a': 1}.get('b') }}|{{ {'a': 1}.get('b', 7) }}|{{ {'a': 1}.get('a') }}
{{ ' a b '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xxaxx'.lstrip('x') }}|{{ 'xxaxx'.rstrip('x') }}|{{ '\u3000a\u00a0'.strip() }}|{{ 'abcba'.strip('ab') }}
{{ 'a,b,c'.split(',') }}|{{ ' a  b c '.split() }}|{{ 'a,b,c'.split(',', 1) }}|{{ 'a b c'.rsplit(' ', 1) }}|{{ ' a b  c'.rsplit(none, 1) }}|{{ 'abc'.split('</think>')[-1] }}|{{ ''.split() }}|{{ ''.split(',') }}|{{ ' a b '.split(maxsplit=1) }}
{{ 'a\nb\r\nc\n'.splitlines() }}|{{ 'a\nb\n'.splitlines(true) }}|{{ 'hello'.startswith('he') }}|{{ 'hello'.endswith(('lo', 'x')) }}|{{ 'hello'.startswith('l', 2) }}|{{ ''.startswith('') }}
{{ 'aXbX'.replace('X', '-') }}|{{ 'aXbX'.replace('X', '-', 1) }}|{{ 'ab'.replace('', '.') }}|{{ 'Straße'.upper() }}|{{ 'ÀÉ'.lower() }}|{{ 'hello world-foo'.title() }}|{{ 'hELLO wORLD'.capitalize() }}|{{ 'ǆabc'.capitalize() }}
{{ 'hello'.find('l') }}|{{ 'hello'.find('z') }}|{{ 'hello'.rfind('l') }}|{{ 'äöü'.find('ü') }}|{{ 'hello'.index('l') }}|{{ 'banana'.count('an') }}|{{ 'hello'.find('l', 3) }}|{{ 'abc'.count('') }}
{{ '-'.join(['a', 'b']) }}|{{ 'a-b-c'.partition('-') }}|{{ 'a-b-c'.rpartition('-') }}|{{ 'abc'.partition('x') }}|{{ 'prefix-x'.removeprefix('prefix-') }}|{{ 'x.txt'.removesuffix('.txt') }}
{{ 'ab'.ljust(4) }}|{{ 'ab'.rjust(4, '.') }}|{{ 'ab'.center(5) }}|{{ 'abc'.center(6, '*') }}|{{ '7'.zfill(3) }}|{{ '-7'.zfill(4) }}|{{ '12'.isdigit() }}|{{ 'ab'.isalpha() }}|{{ 'a1'.isalnum() }}|{{ ' '.isspace() }}|{{ 'AB'.isupper() }}|{{ ''.isdigit() }}
{{ '%s and %d, %.2f|%5s|%-5s|%05d|%x|%%' % ('a', 3, 2.5, 'x', 'y', 42, 255) }}|{{ '%s' % 'one' }}|{{ '%r' % 'q' }}|{{ '%d' % 3.9 }}|{{ '%e' % 12345.678 }}
{{ '{} and {}'.format('a', 1) }}|{{ '{1}{0}'.format('a', 'b') }}|{{ '{x}!'.format(x=2) }}|{{ '{{}}'.format() }}|{{ '{!r}'.format('a') }}
{{ [3, 1, 2] | sort }}|{{ ['b', 'A', 'c'] | sort }}|{{ ['b', 'A'] | sort(case_sensitive=true) }}|{{ [3, 1] | sort(reverse=true) }}|{{ [{'a': 2}, {'a': 1}] | sort(attribute='a') }}
{{ [1, 2, 3] | first }}|{{ [1, 2, 3] | last }}|{{ [] | first is defined }}|{{ 'abc' | first }}|{{ 'abc' | last }}|{{ [1, 2] | length }}|{{ 'äb' | length }}|{{ {'a': 1} | count }}|{{ nope | length }}
{{ [1, 2, 3] | join(', ') }}|{{ [1, none, 'x'] | join }}|{{ [{'n': 'a'}, {'n': 'b'}] | join('+', attribute='n') }}|{{ 'abc' | join('-') }}|{{ {'k': 1, 'l': 2} | join(',') }}
{{ 'abc' | list }}|{{ (1, 2) | list }}|{{ range(3) | list }}|{{ {'a': 1} | list }}|{{ [1, 2] | reverse | list }}|{{ 'äbc' | reverse }}
{{ messages | map(attribute='role') | list }}|{{ messages | map(attribute='nope', default='d') | list }}|{{ ['a', 'b'] | map('upper') | join }}|{{ [' a '] | map('trim') | list }}|{{ [[1, 2]] | map(attribute=1) | list }}|{{ messages[1:2] | map(attribute='nested.k.0') | list }}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}|{{ messages | rejectattr('role', 'eq', 'user') | map(attribute='role') | list }}|{{ messages | selectattr('flag') | list | length }}|{{ messages | selectattr('flag', 'defined') | list | length }}|{{ [1, 2, 3, 4] | select('odd') | list }}|{{ [1, 2, 3, 4] | reject('gt', 2) | list }}|{{ [0, 1, ''] | select | list }}
{% if messages | selectattr('role', 'equalto', 'nobody') %}a generator is true{% endif %}|{% set g = [1, 2] | map('string') %}{{ g | list }}{{ g | list }}
{{ {'b': 1, 'A': 2} | dictsort }}|{{ {'b': 1, 'A': 2} | dictsort(true) }}|{{ {'b': 1, 'a': 2} | dictsort(by='value') }}|{{ {'b': 1, 'a': 2} | dictsort(reverse=true) }}|{{ {'a': 1} | items | list }}|{{ nope | items | list }}
{{ [1, 1, 2, 'a', 'A'] | unique | list }}|{{ [3, 1, 2] | min }}|{{ [3, 1, 2] | max }}|{{ ['b', 'A'] | max }}|{{ [1, 2, 3.5] | sum }}|{{ [{'v': 1}, {'v': 4}] | sum(attribute='v') }}|{{ [1, 2, 3] | sum(start=10) }}|{{ [] | sum }}
{{ [1, 2, 3, 4, 5] | batch(2) | list }}|{{ [1, 2, 3] | batch(2, 'x') | list }}
{{ '  a ' | trim }}|{{ 'xax' | trim('x') }}|{{ 5 | trim }}|{{ 'hello world' | title }}|{{ 'a-b (c) [d] {e} <f' | title }}|{{ 'hELLO' | capitalize }}|{{ 'Ab' | upper }}|{{ 'Ab' | lower }}|{{ 'aXa' | replace('a', 'b') }}|{{ 'aaa' | replace('a', 'b', 2) }}|{{ 121 | replace(1, 3) }}
{{ '3' | int }}|{{ '3.7' | int }}|{{ 'x' | int }}|{{ 'x' | int(7) }}|{{ '0x1f' | int(base=16) }}|{{ 3.99 | int }}|{{ -3.99 | int }}|{{ true | int }}|{{ ' 42 ' | int }}|{{ '1_0' | int }}|{{ none | int }}|{{ '1e3' | int }}
{{ '3' | float }}|{{ 'x' | float }}|{{ 'x' | float(1.5) }}|{{ 3 | float }}|{{ -5 | abs }}|{{ -5.5 | abs }}|{{ 2.5 | round }}|{{ 3.5 | round }}|{{ 2.675 | round(2) }}|{{ 42 | round }}|{{ 2.1 | round(0, 'ceil') }}|{{ 2.19 | round(1, 'floor') }}|{{ 1234.5 | round(-2) }}
{{ nope | default('d') }}|{{ '' | default('d') }}|{{ '' | default('d', true) }}|{{ none | d('x') }}|{{ none | d('x', boolean=true) }}|{{ nope | default }}
{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(2, blank=true) }}|{{ 'a\nb' | indent('> ') }}
{{ 'foo bar baz qux' | truncate(9) }}|{{ 'foo bar baz qux' | truncate(9, true) }}|{{ 'foo bar baz qux' | truncate(11) }}|{{ 'foo bar baz qux' | truncate(11, false, '...', 0) }}|{{ 'hello big world' | wordcount }}|{{ 'ab' | center(6) }}|{{ '%s-%s' | format(1, 'b') }}
{{ '<a href="x">&\'' | e }}|{{ '<b>' | safe }}|{{ ('<b>' | safe) + '<i>' }}|{{ '<i>' + ('<b>' | safe) }}|{{ ('<b>' | safe) ~ '<i>' }}|{{ '<b>' | e | e }}
{{ messages[1].nested | tojson }}|{{ messages[1] | tojson }}
{{ messages[1].nested | tojson(indent=2) }}|{{ {} | tojson(indent=4) }}|{{ [1, [2]] | tojson(indent=0) }}|{{ [1, {'a': 2}] | tojson(indent='\t') }}
{{ {'b': 1, 'a': 'ä'} | tojson(ensure_ascii=true, sort_keys=true) }}|{{ [1, 2] | tojson(separators=(',', ':')) }}|{{ {'a': 1} | tojson(separators=(',', ':'), indent=1) }}|{{ '\U0001F600\x7f\x01"\\/' | tojson }}|{{ '\U0001F600\x7f' | tojson(true) }}|{{ (1, none, true, 1.0, 1e22) | tojson }}|{{ {1: 2, none: 3, true: 4} | tojson }}
{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.depth }}{{ loop.cycle('a', 'b') }}{{ loop.previtem.role if loop.previtem is defined }}>{{ loop.nextitem.role if loop.nextitem is defined }};{% endfor %}
{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}|{% for x in [] %}a{% else %}empty{% endfor %}|{% for x in [1] %}a{% else %}empty{% endfor %}|{% for x in nope %}a{% else %}undefined is empty{% endfor %}
{% for a, b in [(1, 2), (3, 4)] %}{{ a }}-{{ b }};{% endfor %}|{% for k, v in messages[1].nested.items() %}{{ k }}={{ v }};{% endfor %}|{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}|{% for k in {'a': 1, 'b': 2} %}{{ k }}{% endfor %}|{% for c in 'äb' %}{{ c }}.{% endfor %}
{% for x in range(10) if x % 2 %}{{ x }}:{{ loop.index }}:{{ loop.last }} {% endfor %}|{% for x in range(6) if x > 2 %}{{ loop.length }}{% endfor %}|{% for x in range(2, 8, 3) %}{{ x }}{% endfor %}|{% for x in range(3, 0, -1) %}{{ x }}{% endfor %}
{% for x in [1, 2, 3, 4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}|{% for x in [1, 2] %}{% for y in [1, 2] %}{% if y == 2 %}{% break %}{% endif %}{{ x }}{{ y }}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}|{% if true %}{% set y = 5 %}{% endif %}{{ y }}|{% set a, b = 1, 2 %}{{ a }}{{ b }}|{% set (c, d) = [3, 4] %}{{ c }}{{ d }}
{% set ns = namespace(count=0, found=false) %}{% for i in range(4) %}{% set ns.count = ns.count + i %}{% endfor %}{{ ns.count }}{{ ns.found }}{{ ns.nope is defined }}{{ ns['count'] }}|{% set n2 = namespace({'a': 1}, b=2) %}{{ n2.a }}{{ n2.b }}
{% set block %}  some {{ 1 + 1 }} text {% endset %}[{{ block }}]|{% set t | trim | upper %}  abc {% endset %}[{{ t }}]
{% macro m(a, b='x', c=none) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 2) }}|{{ m(1, c=3) }}|{{ m(b=1, a=2) }}|{{ m() }}
{% macro v(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v(1, 2, 3, k=4) }}|{% macro outer() %}{% macro inner() %}in{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}
{% macro fact(n) %}{% if n <= 1 %}1{% else %}{{ n * (fact(n - 1) | int) }}{% endif %}{% endmacro %}{{ fact(5) }}|{% macro uses() %}{{ later }}{% endmacro %}{% set later = 'set later' %}{{ uses() }}
{% macro box(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call box('b') %}body{% endcall %}|{% macro each(l) %}{% for i in l %}{{ caller(i, i * 2) }}{% endfor %}{% endmacro %}{% call(a, b) each([1, 2]) %}{{ a }}{{ b }};{% endcall %}
{% filter upper %}abc {{ 'def' }}{% endfilter %}|{% filter trim | replace('a', 'b') %} aa {% endfilter %}|{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }}|{% print 'p', 1 %}
{% raw %}{{ not rendered }} {% if %}{% endraw %}|{%- raw -%}  x  {%- endraw -%}  |{# comment #}a{#- strip -#} b {{- 'c' -}} d
{% generation %}by the assistant{% set inner = 1 %}{% endgeneration %}{{ inner is defined }}
   {% if true %}
x
   {% endif %}
y
   {%+ if true %}kept indent{% endif +%}
z
  {{ 'print keeps' }}
  {#- c -#}
  end
{%- if true -%}   a   {%- endif -%}   b  {% if 1: %}colon{% endif %}
line one
{% for x in [1, 2] -%}
  {{ x }}
{%- endfor %}

after
{% if messages[0].role == 'system' %}S{% elif messages[0].role == 'user' %}U{% else %}E{% endif %}{% if none %}{% elif 0 %}{% else %}else{% endif %}
{{ dict(a=1, b='x') }}|{{ dict([('k', 1)]) }}|{{ dict({'a': 1}, a=2) }}|{{ {'a': 1, 'a': 2} }}
{{ strftime_now('%Y-%m-%d %d %b %Y %A %B %H:%M %j') }}
{{ bos_token }}{{ eos_token }}|{{ add_generation_prompt }}|{{ tools is none }}|{{ documents }}
{{ "a" "b" 'c' }}|{{ 'tab\there' }}|{{ "q\"q" }}|{{ '\x41\u00e9\101' }}|{{ 'a\
b' }}|{{ '\q' }}
{{ messages[0].content | trim }}|{{ messages[2].content.split('</think>')[-1].lstrip('\n') }}|{{ messages[2].content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') }}
{{ [1, 2, 3].index(2) }}|{{ [1, 1].count(1) }}|{{ (1, 2).index(2) }}|{{ [[1], [2]] | sum(start=[]) }}|{{ [] == [] }}|{{ {'a': [1]} == {'a': [1]} }}
{{ ((((((((1)))))))) }}|{{ [[[[[]]]]] }}|{{ true and (false or true) }}|{{ (1, 2)[0] }}|{{ [1, 2,] }}|{{ {'a': 1,} }}
{{ messages | length > 2 and messages[0]['role'] == 'system' }}|{{ 'x' in messages[0].content }}|{{ (messages | last).role }}|{{ messages[-1]['role'] != 'user' }}|{{ messages[1:] | length }}|{{ messages[::-1][0].role }}
{{ foo.bar }}
{{ foo + 1 }}
{{ 'a' + 1 }}
{{ 'a' + nope }}
{{ none + 1 }}
{{ 1 / 0 }}
{{ 5 | length }}
{{ [1, 'a'] | sort }}
{{ raise_exception('no ' + 'way') }}
{{ nope() }}
{{ 'abc'.nope() }}
{{ [1].append(2) }}
{{ {}.update({'a': 1}) }}
{{ messages[1].update('x') }}
{{ namespace(_a=1) }}
{% set messages.x = 1 %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{{ range(100001) }}
{{ [1, 2] | map('upper') | length }}
{{ [1, 2] | map('upper') | tojson }}
{{ nope | tojson }}
{{ 'abc'.index('z') }}
{{ ''.split('') }}
{{ 'a' | int + 'b' }}
{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{% endmacro %}{{ m(b=1) }}
{{ '%d' % 'x' }}
{{ '%s %s' % ('a',) }}
{{ 1 in 'abc' }}
{{ [1, 2] < 3 }}
{{ 'x'.__class__ }}|{{ ''.__class__.__mro__ }}
{{ -nope }}
{{ 'a' | abs }}
{{ messages | map(attribute='role', nope=1) | list }}
"""


def snippets():
    # A line is a template; lines that only make sense together follow a first one that does not end a template.
    lines = SNIPPETS.strip("\n").split("\n")
    joined = ["   {% if true %}\nx\n   {% endif %}\ny\n   {%+ if true %}kept indent{% endif +%}\nz\n  {{ 'print keeps' }}\n  {#- c -#}\n  end",
              "line one\n{% for x in [1, 2] -%}\n  {{ x }}\n{%- endfor %}\n\nafter", lines[[i for i, l in enumerate(lines) if l.startswith('{{ "a" "b"')][0]] + "\nb' }}|{{ '\\q' }}"]
    text = "\n".join(lines)
    for whole in joined:
        assert whole in text, whole
        before, after = text.split(whole)
        text = before + whole.replace("\n", "\0") + after
    return [line.replace("\0", "\n") for line in text.split("\n")]


def main():
    folder = pathlib.Path(sys.argv[1])
    chat_template_utils.datetime = compare_chat_templates.FixedDate
    chat_template_utils._compile_jinja_template.cache_clear()
    rows = []
    for template in snippets():
        text = compare_chat_templates.theirs(compare_chat_templates.small_tokenizer(template), {"messages": MESSAGES})
        rows.append({"template": template, **({"error": str(text)} if isinstance(text, Exception) else {"text": text})})
    header = {"messages": MESSAGES, "special_tokens": compare_chat_templates.SPECIAL_TOKENS}
    write(folder / "snippets.jsonl", [header] + rows)

    rows = []
    for path in sorted(folder.glob("*.jinja")):
        tokenizer = compare_chat_templates.small_tokenizer(path.read_text(encoding="utf-8"))
        for conversation in compare_chat_templates.CONVERSATIONS:
            text = compare_chat_templates.theirs(tokenizer, conversation)
            rows.append({"template": path.name, **conversation, "text": None if isinstance(text, Exception) else text})
    write(folder / "conversations.jsonl", rows)


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
