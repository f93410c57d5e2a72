#!/bin/sh
# The same in POSIX shell: reads at once, everything else when a colleague says so. A folder for each request, a file for
# each of its fields. Run it from a profile of config.toml:
#
#     [profiles.files]
#     backend = "exec"
#     command = "/usr/local/bin/approvals.sh"
#     environment = ["APPROVALS_FOLDER"]
#
# jit writes its questions without blanks between the parts, and its members in the order that docs/plugins.md has them
# in; that is what makes sed enough here. To decide on a request: approvals.sh decide req_… approved
set -eu
umask 077
folder=${APPROVALS_FOLDER:-$HOME/.approvals}
mkdir -p "$folder/keys"

# Seconds since 1970 as RFC 3339, by GNU's date or by BSD's.
stamp() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }
now() { date +%s; }
new_id() { od -An -N10 -tx1 /dev/urandom | tr -d ' \n'; }
get() { cat "$folder/$1/$2"; }
put() { printf '%s' "$3" >"$folder/$1/$2.new" && mv "$folder/$1/$2.new" "$folder/$1/$2"; }
stamp_or_null() { if [ -n "$1" ]; then printf '"%s"' "$(stamp "$1")"; else printf null; fi; }

# A text member of the question as it is written there, still escaped: good to be written again, never to be run.
text() { printf '%s\n' "$params" | sed -n 's/.*"'"$1"'":"\(\([^"\\]\|\\.\)*\)".*/\1/p'; }
number() { printf '%s\n' "$params" | sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p'; }

refuse() { # code, message
  printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"%s","data":{"code":"%s"}}}\n' "$number_asked" "$2" "$1"
}
result() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$number_asked" "$1"; }

# Time passes: requests lapse, grants end.
settle() {
  state=$(get "$1" state) end=$(get "$1" end)
  [ "$(now)" -lt "$end" ] && return
  case $state in
  pending | approved) put "$1" state lapsed ;;
  claimed) end_grant "$1" expired ;;
  esac
}

end_grant() {
  [ -n "$(get "$1" ended)" ] && return
  put "$1" because "$2"
  put "$1" ended "$(now)"
}

show_request() {
  id=$1 state=$(get "$1" state) scopes=$(get "$1" scopes) seconds=$(get "$1" seconds) given=0 claim_by=null grant=null
  [ "$(get "$id" needed)" = 1 ] && outcome=needs_people || outcome=automatic
  case $state in approved | claimed) given=$(get "$id" needed) ;; esac
  [ "$state" = approved ] && claim_by=$(stamp_or_null "$(get "$id" end)")
  [ "$state" = claimed ] && grant="\"gr_${id#req_}\""
  cat <<END | tr -d '\n'
{"id":"$id","url":"file://$folder/$id","state":"$state","scopes":[$scopes],"target":"orders",
"duration_seconds":$seconds,"reason":"$(get "$id" reason)","ticket":null,"requested_by":"$(get "$id" by)",
"created_at":"$(stamp "$(get "$id" created)")","lapses_at":"$(stamp "$(get "$id" lapses)")","claim_by":$claim_by,
"decision":{"outcome":"$outcome","rule":null,"reasons":[],"advice":[],"reviews":[]},
"approvals":{"needed":$(get "$id" needed),"given":$given,"groups":[]},"can_approve":[],"told":[],
"grant_id":$grant,"extends_grant_id":null,"break_glass":false,"escalated_at":null,"afterwards":null,
"originally":{"scopes":[$scopes],"duration_seconds":$seconds},"digest":"$id"}
END
}

show_grant() {
  id=$1 ended=$(get "$1" ended) state=active because=null token=live target=live confirmed=false
  if [ -n "$ended" ]; then
    state=ended because="\"$(get "$id" because)\"" token=revoked target=gone confirmed=true
  fi
  cat <<END | tr -d '\n'
{"id":"gr_${id#req_}","url":"file://$folder/$id","request_id":"$id","state":"$state","scopes":[$(get "$id" scopes)],
"target":"orders","held_by":"$(get "$id" by)","claimed_at":"$(stamp "$(get "$id" claimed)")",
"expires_at":"$(stamp "$(get "$id" end)")","last_used_at":null,"ended_at":$(stamp_or_null "$ended"),
"ended_because":$because,"revocation":{"token":"$token","target":"$target","confirmed":$confirmed,"attempts":0,
"last_error":null,"sessions_ended":0}}
END
}

submit() {
  key=$(text idempotency_key | tr -cd '0-9a-zA-Z-') scopes=$(printf '%s\n' "$params" | sed -n 's/.*"scopes":\[\([^]]*\)\].*/\1/p')
  case $scopes in
  '"prod:db.read"') needed=0 ;;
  '"prod:db.write"' | '"prod:db.read","prod:db.write"') needed=1 ;;
  *) refuse unknown_scope "there is no such scope" && return ;;
  esac
  seconds=$(number duration_seconds)
  [ "${seconds:-0}" -ge 1 ] && [ "$seconds" -le 14400 ] || { refuse bad_duration "at most 14400 seconds" && return; }
  [ "$(text target)" = orders ] || { refuse unknown_target "there is no such target" && return; }
  case $params in *'"extends_grant_id":null,"break_glass":false'*) ;; *) refuse not_offered "only plain requests are offered" && return ;; esac
  if [ -f "$folder/keys/$key" ]; then
    id=$(cat "$folder/keys/$key")
  else
    id=req_$(new_id)
    mkdir "$folder/$id"
    put "$id" scopes "$scopes"
    put "$id" seconds "$seconds"
    put "$id" reason "$(text reason)"
    put "$id" by "$(id -un)"
    put "$id" created "$(now)"
    put "$id" lapses $(($(now) + 3600))
    put "$id" end $(($(now) + 3600))
    put "$id" needed "$needed"
    put "$id" ended ''
    [ "$needed" = 1 ] && put "$id" state pending || put "$id" state approved
    printf '%s' "$id" >"$folder/keys/$key"
  fi
  case $(get "$id" state) in
  approved | claimed) claimed=$(claim "$id") ;;
  *) claimed=null ;;
  esac
  result "{\"request\":$(show_request "$id"),\"claimed\":$claimed}"
}

claim() {
  if [ "$(get "$1" state)" = approved ]; then
    put "$1" claimed "$(now)"
    put "$1" end $(($(now) + $(get "$1" seconds)))
    put "$1" state claimed
  fi
  # What the target understands. A real one would be made by whatever guards the target.
  printf '{"request":%s,"grant":%s,"token":"example-token-of-%s","credential":%s}' "$(show_request "$1")" "$(show_grant "$1")" \
    "$1" '{"environment":{},"secret_environment":{},"secret_files":[],"removes":[]}'
}

claim_asked() {
  state=$(get "$1" state)
  case $state in
  pending) refuse still_pending "$1 is still pending" ;;
  approved) result "$(claim "$1")" ;;
  claimed) if [ -n "$(get "$1" ended)" ]; then refuse no_grant "its grant has ended"; else result "$(claim "$1")"; fi ;;
  *) refuse "$state" "$1 was $state" ;;
  esac
}

read_status() {
  requests='' grants=''
  for path in "$folder"/req_*; do
    [ -d "$path" ] || continue
    id=${path##*/}
    settle "$id"
    case $(get "$id" state) in
    pending | approved) requests="$requests,$(show_request "$id")" ;;
    claimed) [ -n "$(get "$id" ended)" ] || grants="$grants,$(show_grant "$id")" ;;
    esac
  done
  result "{\"as_of\":\"$(stamp "$(now)")\",\"requests\":[${requests#,}],\"grants\":[${grants#,}]}"
}

# About one request or one grant: both have the same folder.
about() {
  asked=$(text id | tr -cd '0-9a-z_')
  id=req_${asked#*_}
  if [ ! -f "$folder/$id/state" ]; then refuse not_found "there is no $asked" && return; fi
  settle "$id"
  case $method in
  read_request) result "{\"request\":$(show_request "$id")}" ;;
  claim) claim_asked "$id" ;;
  cancel)
    case $(get "$id" state) in pending | approved) put "$id" state cancelled ;; esac
    result "{\"request\":$(show_request "$id")}"
    ;;
  revoke) end_grant "$id" "$(text because)" || : && result "{\"grant\":$(show_grant "$id")}" ;;
  read_grant) result "{\"grant\":$(show_grant "$id")}" ;;
  esac
}

list_scopes() {
  for one in 'db.read:automatic:Read' 'db.write:needs_people:Change'; do
    name=${one%%:*} rest=${one#*:}
    printf ',{"name":"prod:%s","description":"%s production data","sensitivity":"medium","default_seconds":1800,"max_seconds":14400,' "$name" "${rest#*:}"
    printf '"minimum_reason_length":0,"needs_ticket":false,"targets":[{"name":"orders","kind":"token","outcome":"%s"}]}' "${rest%%:*}"
  done
}

if [ "${1-}" = decide ]; then
  [ "$(get "$2" by)" != "$(id -un)" ] || [ -n "${APPROVALS_ALONE-}" ] || { echo "nobody decides on their own request" >&2 && exit 1; }
  [ "$(get "$2" state)" = pending ] || { echo "$2 is $(get "$2" state) already" >&2 && exit 1; }
  put "$2" end $(($(now) + 900))
  put "$2" state "$3"
  exit
fi

while IFS= read -r line; do
  number_asked=$(printf '%s\n' "$line" | sed -n 's/^{"jsonrpc":"2.0","id":\([0-9]*\),.*/\1/p')
  method=$(printf '%s\n' "$line" | sed -n 's/^{"jsonrpc":"2.0","id":[0-9]*,"method":"\([a-z_]*\)",.*/\1/p')
  params=${line#*'"params":'}
  case $method in
  initialize) result '{"protocol":1,"name":"approvals.sh","methods":["list_scopes","submit","read_request","claim","cancel","read_status","read_grant","revoke"]}' ;;
  submit) submit ;;
  read_status) read_status ;;
  list_scopes) scopes=$(list_scopes) && result "{\"scopes\":[${scopes#,}]}" ;;
  read_request | claim | cancel | revoke | read_grant) about ;;
  *) refuse not_offered "$method is not offered" ;;
  esac
done
