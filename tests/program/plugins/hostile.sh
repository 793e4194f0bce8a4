# A plugin that ends in the way that its parameter `end` says, in plain sh.
# Its first argument may say what is wrong already when it starts.

describe='{"name":"hostile","revision":1,"title":"Hostile","summary":"Ends badly.","documentation":"## Definition\n\nIt ends.","examples":["end = \"good\"\n"],"schema":{"type":"object","properties":{"end":{"type":"string","description":"How it ends.","default":"good"},"n":{"type":"integer","description":"A number.","default":0},"pad":{"type":"string","description":"Makes requests long.","default":""}}},"outputs":{"scalars":{"x":{"kind":"float","label":"x"}},"tables":{"points":{"about":"a point","columns":{"x":{"kind":"float","label":"x"}}}}},"figures":{"points":{"title":"Points","from":"points","mark":"point","x":"x","y":"x"}},"capabilities":{"cancel":false,"reuse":true,"stochastic":false}}'

case "$1" in
version) echo '{"protocol": "octavo-plugin", "version": 7, "describe": "in another form"}'; exit ;;
silent) while :; do read -r line || exit; done ;;
stranger) echo 'Hello, I am a program.'; exit ;;
dies) echo 'ImportError: no module named weather' >&2; exit 1 ;;
title) describe=$(printf '%s' "$describe" | sed 's/"title":"Hostile"/"title":"<script>alert(1)<\/script>"/; s/"title":"Points"/"title":"<script>alert(2)<\/script>"/; s/"label":"x"/"label":"<img src=x onerror=alert(3)>"/g; s/"documentation":"[^"]*"/"documentation":"<script>alert(4)<\/script>"/') ;;
deaf) deaf=1 ;;
loads) describe=$(printf '%s' "$describe" | sed 's/"capabilities"/"files":["plugins\/hostile.sh","plugins\/helper.sh","..\/out.sh",".hid\/a.sh","gone.sh"],"capabilities"/') ;;
names) describe=$(printf '%s' "$describe" | sed 's/"points":{"about"/"..\/..\/points":{"about"/') ;;
esac

say() { printf '%s\n' "$1"; }
good='{"scalars":{"x":{"value":1.5}},"tables":{"points":{"columns":{"x":[1,2]}}}}'
table() { say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"scalars\":{\"x\":{\"value\":1.5}},\"tables\":{\"points\":$1}}}"; }

read -r line
say '{"protocol": "octavo-plugin", "version": 1}'
while read -r line; do
    id=${line#*\"id\":}
    id=${id%%,*}
    case "$line" in
    *'"request":"describe"'*)
        say "{\"id\":$id,\"reply\":\"result\",\"value\":$describe}"
        # It reads nothing more.
        if [ -n "$deaf" ]; then while :; do sleep 1000 & done; fi
        continue
        ;;
    *'"request":"check"'*'"end":"check-error"'*) say "{\"id\":$id,\"reply\":\"error\",\"kind\":\"user\",\"message\":\"there is\\nno wind\",\"help\":\"wait \\u001b[31mfor some\"}"; continue ;;
    *'"request":"check"'*'"end":"check-bug"'*) say "{\"id\":$id,\"reply\":\"error\",\"kind\":\"bug\",\"message\":\"there is no wind\"}"; continue ;;
    *'"request":"check"'*'"end":"check-problem"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"problems\":[{\"path\":\"n\",\"message\":\"a\\nerror: forged\",\"help\":\"b \\u001b[31m\\u202ered\"}]}}"; continue ;;
    *'"request":"check"'*'"end":"deaf"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"problems\":[]}}"; echo >begun; while :; do sleep 1; done ;;
    *'"request":"dance"'*) say "{\"id\":$id,\"reply\":\"error\",\"kind\":\"bug\",\"message\":\"there is no such request\"}"; continue ;;
    *'"request":"check"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"problems\":[]}}"; continue ;;
    esac
    folder=${line#*\"folder\":\"}
    folder=${folder%%\"*}
    echo "the run of request $id begins" >&2
    case "$line" in
    *'"end":"loop"'*) while :; do :; done ;;
    *'"end":"talk"'*)
        # Much progress without a gap, and then a result.
        echo >begun
        i=0
        while [ $i -lt 3000000 ]; do i=$((i + 1)); printf '{"id":%s,"reply":"progress","done":%s,"total":3000000}\n' "$id" $i; done
        say "{\"id\":$id,\"reply\":\"result\",\"value\":$good}"
        ;;
    *'"end":"background"'*)
        # Only once another plugin computes, so that no task of this one is under way.
        (
            while [ ! -e slow ]; do sleep .1; done
            while [ ! -e enough ]; do sleep 1000 & done
        ) >/dev/null 2>&1 &
        say "{\"id\":$id,\"reply\":\"result\",\"value\":$good}"
        ;;
    *'"end":"slow"'*) echo >slow; sleep 3; say "{\"id\":$id,\"reply\":\"result\",\"value\":$good}" ;;
    *'"end":"away"'*) setsid sleep 1000 >/dev/null 2>&1 & echo $! >pid; while :; do :; done ;;
    *'"end":"warn"'*)
        i=0
        while [ $i -lt 130 ]; do i=$((i + 1)); say "{\"id\":$id,\"reply\":\"log\",\"level\":\"warning\",\"message\":\"careful $i\"}"; done
        say "{\"id\":$id,\"reply\":\"result\",\"value\":$good}"
        ;;
    *'"end":"missing"'*) { echo x; yes '""' | head -c 900000; } >"$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"range"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"scalars\":{\"x\":{\"value\":1e999}}}}" ;;
    *'"end":"flood"'*) yes '{"id": 1, "reply": "log", "level": "info", "message": "more and more"}' ;;
    *'"end":"flood-log"'*) yes 'more and more' >&2 ;;
    *'"end":"flood-files"'*) while :; do i=$((i + 1)); head -c 100000 /dev/zero >"$folder/$i.csv"; done ;;
    *'"end":"line"'*) head -c 20000000 /dev/zero | tr '\0' 'x' ;;
    *'"end":"allocate"'*) tail </dev/zero; exit 1 ;;
    *'"end":"crash"'*) text=xxxxxxxxxxxxxxxx; while :; do text=$text$text; done ;;
    *'"end":"fork"'*) while :; do sleep 1000 & done ;;
    *'"end":"orphan"'*) sleep 1000 & echo "$!" >pid; say '{"id": 99, "reply": "progress", "done": 1, "total": 2}'; wait ;;
    *'"end":"half"'*) printf '{"id":%s,"reply":"resu' "$id"; exit 3 ;;
    *'"end":"killed"'*) kill -9 $$ ;;
    *'"end":"recovers"'*)
        # The first try ends, the next one gives a result.
        if [ ! -e tried ]; then echo >tried; exit 3; fi
        say "{\"id\":$id,\"reply\":\"result\",\"value\":$good}"
        ;;
    *'"end":"utf8"'*) printf '{"id":%s,"reply":"log","message":"\377\376"}\n' "$id" ;;
    *'"end":"nan"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"scalars\":{\"x\":{\"value\":NaN}},\"tables\":{\"points\":{\"columns\":{\"x\":[1,2]}}}}}" ;;
    *'"end":"nan-file"'*) printf 'x\n1\nnan\n' >"$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"twice"'*) printf '%s\n%s\n' "{\"id\":$id,\"reply\":\"result\",\"value\":$good}" "{\"id\":$id,\"reply\":\"result\",\"value\":$good}" ;;
    *'"end":"key"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"scalars\":{\"x\":{\"value\":1.5,\"value\":2.5}}}}" ;;
    *'"end":"quote"'*) printf 'x\n1\n"2\n3\n' >"$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"return"'*) printf 'x\r1\r2\r' >"$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"name"'*) printf 'x,x\n1,2\n' >"$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"ragged"'*) printf 'x\n1\n2,3\n' >"$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"reason"'*) table "{\"columns\":{\"x\":[{\"missing\":\"$(head -c 1000000 /dev/zero | tr '\0' y)\"}]}}" ;;
    *'"end":"lazy"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"files\":[\"plugins/helper.sh\"],${good#?}}" ;;
    *'"end":"dots"'*) table '{"file":"../points.csv"}' ;;
    *'"end":"link"'*) ln -s /etc/passwd "$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"pipe"'*) mkfifo "$folder/points.csv"; table '{"file":"points.csv"}' ;;
    *'"end":"undeclared"'*) say "{\"id\":$id,\"reply\":\"result\",\"value\":{\"scalars\":{\"x\":{\"value\":1.5},\"y\":{\"value\":1}}}}" ;;
    *'"end":"error"'*) say "{\"id\":$id,\"reply\":\"error\",\"kind\":\"user\",\"message\":\"there is no wind\",\"help\":\"wait for some\"}" ;;
    *'"end":"environment"'*) printf 'x\n%s\n' "$(env | grep -c .)" >"$folder/points.csv"; env >&2; table '{"file":"points.csv"}' ;;
    *) say "{\"id\":$id,\"reply\":\"progress\",\"done\":1,\"total\":1}"; say "{\"id\":$id,\"reply\":\"result\",\"value\":$good}" ;;
    esac
done
