/** Which processes and directories these are. Part of every script that has to know. POSIX shell functions. */
export const processScript = `
# A value that tells a process from a later one of the same id; empty when it is gone or a zombie.
start_of() {
  if [ -r "/proc/$1/stat" ]; then
    # Read by the shell itself: this is asked many times a second. The name may hold a line break; what follows it is last.
    start_last=
    { while IFS= read -r start_line; do start_last=$start_line; done <"/proc/$1/stat"; } 2>/dev/null
    set -- \${start_last##*) }
    case $1 in '' | Z | X) ;; *) printf '%s\\n' "\${20}" ;; esac
  elif [ ! -d /proc/self ]; then
    ps -o stat= -o lstart= -p "$1" 2>/dev/null | awk '$1 !~ /^Z/ { $1 = ""; gsub(/ +/, "_"); print }'
  fi
}
alive() { [ -n "$1" ] && [ -n "$2" ] && [ "$(start_of "$1")" = "$2" ]; }
boot_identity() {
  cat /proc/sys/kernel/random/boot_id 2>/dev/null ||
    sysctl -n kern.bootsessionuuid 2>/dev/null || sysctl -n kern.boottime 2>/dev/null || echo unknown
}
exists() { [ -e "$1" ] || [ -L "$1" ]; }
plain_directory() { [ -d "$1" ] && [ ! -L "$1" ]; }
resolved() { ( cd -P "$1" 2>/dev/null && pwd -P ); }
inode_of() { ls -di "$1" 2>/dev/null | awk 'NR == 1 { print $1 }'; }
# File system and mount point: between two directories of the same place a rename needs no copy.
place_of() {
  df -P "$1" 2>/dev/null | awk 'NR == 2 { place = $1 ":" $6; for (i = 7; i <= NF; i++) place = place " " $i; print place }'
}
# Waits for the disk: the file alone where sync can do that, everything otherwise.
settle() { sync "$1" 2>/dev/null || sync; }
messages_in() { find "$1" -type f -name '*.[eE][mM][lL]' 2>/dev/null | wc -l | tr -d ' '; }
# The processes whose first argument is PROGRAM/mailserver; a bare name would match other servers on the machine.
engine_pids() {
  engine_real=$(resolved "$1"); engine_real=\${engine_real:-$1}
  if [ -r /proc/self/cmdline ]; then
    grep -lF -e "$1/mailserver" -e "$engine_real/mailserver" /proc/[0-9]*/cmdline 2>/dev/null |
      while IFS= read -r engine_file; do
        engine_pid=\${engine_file#/proc/}; engine_pid=\${engine_pid%/cmdline}
        engine_first=$(2>/dev/null tr '\\000' '\\n' <"$engine_file" | sed -n 1p)
        case $engine_first in
          "$1/mailserver" | "$engine_real/mailserver") [ -z "$(start_of "$engine_pid")" ] || echo "$engine_pid" ;;
        esac
      done
  else
    ps -axww -o pid= -o stat= -o command= | KP_A="$1/mailserver" KP_B="$engine_real/mailserver" awk '
      $2 !~ /^Z/ {
        pid = $1; sub(/^ *[0-9]+ +[^ ]+ +/, "")
        if (index($0 " ", ENVIRON["KP_A"] " ") == 1 || index($0 " ", ENVIRON["KP_B"] " ") == 1) print pid
      }'
  fi
}
`;
