/** The mail service as its service manager and the process list show it. POSIX shell functions. */
export const serviceScript = `
# Needs service_kind and service_a, service_b, service_c. The service gets the environment the login had, not ours.
service_command() {
  umask "$caller_umask"
  if [ -n "$caller_locale" ]; then LC_ALL=$caller_locale; export LC_ALL; else unset LC_ALL; fi
  cd /
  case $service_kind:$1 in
    systemd:*) systemctl "$1" "$service_a" ;;
    sysv:status) case $service_a in 'service '*) $bounded service "\${service_a#service }" "$1" ;; *) $bounded "$service_a" "$1" ;; esac ;;
    sysv:*) case $service_a in 'service '*) service "\${service_a#service }" "$1" ;; *) "$service_a" "$1" ;; esac ;;
    launchd:stop) launchctl unload "$service_a" ;;
    launchd:start) launchctl load "$service_a" ;;
    launchd:status) launchctl list "$service_b" ;;
    commands:stop) sh -c "$service_a" ;;
    commands:start) sh -c "$service_b" ;;
    commands:status) $bounded sh -c "$service_c" ;;
  esac
}
service_property() { systemctl show -p "$1" "$service_a" 2>/dev/null | sed -n "s/^$1=//p"; }
# What the status command answers; 2 where it took so long that its answer is none. While it runs neither the heartbeat
# nor a signal is looked at, so it is ended where the host has a timeout command.
service_status() {
  now; status_began=$now
  ( service_command status ) >/dev/null 2>&1 </dev/null; status_code=$?
  now; [ $((now - status_began)) -lt "$status_limit" ] || return 2
  [ "$status_code" = 0 ]
}
status_limit=10; bounded=
timeout -k 1 9 sleep 0 2>/dev/null && bounded="timeout -k 1 $status_limit"
# Whether the service manager calls the service stopped.
service_inactive() {
  if [ "$service_kind" = systemd ]; then
    case $(service_property ActiveState) in inactive | failed) return 0 ;; *) return 1 ;; esac
  fi
  service_status; [ $? = 1 ]
}
# The process ids of the engine: by the service manager where it knows, and by looking.
engine_now() {
  engine_main=
  [ "$service_kind" != systemd ] || engine_main=$(service_property MainPID)
  case $engine_main in '' | 0 | *[!0-9]*) ;; *) [ -z "$(start_of "$engine_main")" ] || echo "$engine_main" ;; esac
  engine_pids "$program"
}
engine_gone() { [ -z "$(engine_now)" ] && service_inactive; }
# Whether an engine that has been told to end is still at it; only systemd tells that from one that was not told.
engine_leaving() {
  if [ "$service_kind" = systemd ]; then [ "$(service_property ActiveState)" = deactivating ]; else ! engine_gone; fi
}
service_running() {
  # Commands are configured for hosts whose engine cannot be seen from outside: a container, for instance.
  if [ "$service_kind" = commands ]; then service_status; return; fi
  if [ "$service_kind" = systemd ] && [ "$(service_property ActiveState)" != active ]; then return 1; fi
  [ -n "$(engine_now)" ]
}
`;
