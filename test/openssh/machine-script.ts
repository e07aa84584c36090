/**
 * Makes the machine and becomes its sshd; runs in a mount namespace of its own. Arguments: an empty directory, the layer
 * with OpenSSH, the stand-in's state directory, the port, lines of sshd_config, what the case changes beforehand (run in
 * the machine), then the directories that the machine shares with this one.
 *
 * Everything that is written goes to a tmpfs, which vanishes with the namespace's last process, but for the state
 * directory: it is the same on both sides, and its `home` is root's home.
 */
export const machineScript = `
set -e
base=$1; layer=$2; state=$3; port=$4; config=$5; change=$6; shift 6
mount -t tmpfs -o mode=755 host "$base"
mkdir "$base/upper" "$base/work" "$base/root"
# A layer that lies below / cannot be a second lower directory beside it.
cp -a "$layer/." "$base/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
cd "$base/root"
mount --rbind /proc proc
mount --rbind /dev dev
mkdir -p run/sshd root etc/ssh/sshd_config.d usr/local/bin
# Before what is shared: that may lie in root's home here.
mount --bind "$state/home" root
for shared in "$state" "$@"; do
  mkdir -p ".$shared"
  mount --rbind "$shared" ".$shared"
done
for command in "$state"/bin/*; do
  name=\${command##*/}
  case $name in sudo | id) continue ;; esac
  printf '#!/bin/sh\\nSTAND_IN_UID=$(id -u) exec "%s" "$@"\\n' "$command" >"usr/local/bin/$name"
  chmod 755 "usr/local/bin/$name"
done
printf 'ListenAddress 127.0.0.1\\nPort %s\\n%s\\n' "$port" "$config" >etc/ssh/sshd_config.d/test.conf
chroot . /bin/sh -e -c "$change"
exec chroot . /usr/sbin/sshd -D -e
`;
