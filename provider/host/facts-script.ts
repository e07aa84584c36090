import { processScript } from "./scripts/process";

/**
 * Looks at the host and changes nothing. Input: store, program directory or `-`, the configured status command or
 * nothing, then the domains. Prints `key=value` lines; `problem=` ends the list early.
 */
export const factsScript = `${processScript}
IFS= read -r store_given; IFS= read -r program; IFS= read -r status_command
fact() { printf '%s=%s\\n' "$1" "$2"; }
problem() { fact problem "$1"; exit 0; }
[ "$program" != - ] || program=
case $(uname -s) in
  Linux) fact os linux ;;
  Darwin) fact os darwin ;;
  *) fact system "$(uname -s)"; problem system ;;
esac
fact hostname "$(uname -n)"
fact boot "$(boot_identity | tr '\\n' ' ')"
store=$(resolved "$store_given"); [ -n "$store" ] || problem store
fact store "$store"
mail=$(resolved "$store/mail"); [ -n "$mail" ] || problem mail
fact mail "$mail"
[ -w "$store/mail" ] || problem writable

kind=; detail=; label=
has() { command -v "$1" >/dev/null 2>&1; }
find_service() {
  if [ -n "$status_command" ]; then kind=commands; return; fi
  if has systemctl && [ "$(systemctl show -p LoadState kerio-connect 2>/dev/null)" = LoadState=loaded ]; then
    kind=systemd; detail=kerio-connect; return
  fi
  plist=/Library/LaunchDaemons/com.kerio.mailserver.plist
  if has launchctl; then
    label=$(sed -n '/<key>Label<\\/key>/{s/.*<key>Label<\\/key>//;/<string>/!N;s/.*<string>\\([^<]*\\)<.*/\\1/p;}' "$plist" 2>/dev/null)
    [ -n "$label" ] || label=$(launchctl list 2>/dev/null | awk '$3 == "com.kerio.mailserver" || $3 == "KerioConnect" { print $3; exit }')
    if [ -f "$plist" ] || [ -n "$label" ]; then kind=launchd; detail=$plist; label=\${label:-com.kerio.mailserver}; return; fi
  fi
  if detail=$(command -v kerio-connect) && [ -n "$detail" ]; then kind=sysv; return; fi
  if [ -x /etc/init.d/kerio-connect ]; then kind=sysv; detail=/etc/init.d/kerio-connect; return; fi
  if has service; then
    service kerio-connect status >/dev/null 2>&1 </dev/null
    # 0 running, 3 stopped; anything else says that there is no such service.
    case $? in 0 | 3) kind=sysv; detail='service kerio-connect' ;; esac
  fi
}
find_service
[ -n "$kind" ] || problem service
fact kind "$kind"; fact detail "$detail"; fact label "$label"

has_configuration() { [ -f "$1/mailserver.cfg" ] && [ -f "$1/users.cfg" ]; }
# The program directories of every engine that runs here.
running_programs() {
  if [ -r /proc/self/cmdline ]; then
    grep -lF /mailserver /proc/[0-9]*/cmdline 2>/dev/null | while IFS= read -r file; do
      2>/dev/null tr '\\000' '\\n' <"$file" | sed -n '1s,^\\(/.*\\)/mailserver$,\\1,p'
    done
  else
    ps -axww -o command= | sed -n 's,^\\(/.*\\)/mailserver\\( .*\\)*$,\\1,p'
  fi
}
main_pid=
if [ "$kind" = systemd ]; then
  main_pid=$(systemctl show -p MainPID "$detail" 2>/dev/null | sed -n 's/^MainPID=//p')
  [ "$main_pid" != 0 ] || main_pid=
fi
find_program() {
  [ -z "$program" ] || return
  if [ -n "$main_pid" ] && [ -r "/proc/$main_pid/cmdline" ]; then
    program=$(tr '\\000' '\\n' <"/proc/$main_pid/cmdline" | sed -n '1s,/mailserver$,,p')
    has_configuration "$program" && return
  fi
  if [ "$kind" = systemd ]; then
    program=$(systemctl show -p ExecStart "$detail" 2>/dev/null | sed -n 's,^ExecStart=\\(.*path=\\)*\\(/[^;]*\\)/mailserver.*,\\2,p')
    has_configuration "$program" && return
  fi
  # Of several servers on one machine, the one whose directory holds the store or whose configuration names it.
  program=$(running_programs | sort -u | while IFS= read -r candidate; do
    has_configuration "$candidate" || continue
    case $store/ in "$(resolved "$candidate")"/*) printf '%s\\n' "$candidate"; break ;; esac
    if grep -qF -e "$store_given<" -e "$store<" "$candidate/mailserver.cfg"; then printf '%s\\n' "$candidate"; break; fi
  done)
  [ -z "$program" ] || return
  for candidate in "\${store%/*}" /opt/kerio/mailserver /usr/local/kerio/mailserver; do
    if has_configuration "$candidate"; then program=$candidate; return; fi
  done
}
find_program
[ -n "$program" ] && has_configuration "$program" || problem program
program=$(resolved "$program")
fact program "$program"
engine=$(engine_pids "$program" | sed -n 1p)
fact engine "\${main_pid:-$engine}"
if [ "$kind" = commands ]; then
  bounded=; timeout -k 1 9 sleep 0 2>/dev/null && bounded='timeout -k 1 10'
  (
    umask "$caller_umask"
    if [ -n "$caller_locale" ]; then LC_ALL=$caller_locale; export LC_ALL; else unset LC_ALL; fi
    cd / && $bounded sh -c "$status_command"
  ) >/dev/null 2>&1 </dev/null && fact status running
fi

parking=$store/pulumi-kerio
fact parking "$parking"
[ ! -L "$parking" ] || problem parking
parking_place=$(place_of "$store"); [ ! -d "$parking" ] || parking_place=$(place_of "$parking")
fact parkingPlace "$parking_place"
free_of=\${HOME:-/root}
fact free "$(df -kP "$free_of" 2>/dev/null | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')"
fact configuration "$(cat "$program/mailserver.cfg" "$program/users.cfg" | wc -c | tr -d ' ')"
while IFS= read -r domain; do
  path=$store/mail/$domain; symlink=no; there=no
  [ ! -L "$path" ] || symlink=yes
  if [ -d "$path" ]; then there=yes; path=$(resolved "$path"); elif exists "$path"; then there=other; fi
  place=; [ $there != yes ] || place=$(place_of "$path")
  printf 'domain=%s\\t%s\\t%s\\t%s\\t%s\\n' "$domain" $there $symlink "$place" "$path"
done
fact end yes
`;
