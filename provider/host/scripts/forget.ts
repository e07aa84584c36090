/** Days after which a closed snapshot is removed. An open one never is. */
export const closedSnapshotDays = 30;

/** What removes closed snapshots when their time has come. POSIX shell functions. */
export const forgetScript = `
# A crash between two steps of a closing leaves the open file behind, which would count again without the closed one. An
# open one that is younger is being opened again at this moment.
forget_closed() {
  find "$STATE/snapshots" -name '*.closed.json' -type f -mtime +${closedSnapshotDays - 1} 2>/dev/null | while IFS= read -r forgotten; do
    forgotten_twin=\${forgotten%.closed.json}.open.json
    if [ -e "$forgotten_twin" ]; then
      [ -n "$(find "$forgotten_twin" -mtime +${closedSnapshotDays - 1} 2>/dev/null)" ] && rm -f "$forgotten_twin" || continue
    fi
    rm -f "$forgotten"
  done
}
`;
