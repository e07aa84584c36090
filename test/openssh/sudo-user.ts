/** Makes the user mailops, with root's authorized_keys and lines of its own in sudoers; `shell` is the login shell. */
export function userWithSudo(lines: string[], shell = "/bin/bash"): string {
  return `
    useradd -m -s ${shell} mailops
    mkdir -m 700 /home/mailops/.ssh
    cp ~root/.ssh/authorized_keys /home/mailops/.ssh/authorized_keys
    chown -R mailops: /home/mailops/.ssh
    printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >/etc/sudoers.d/mailops
    chmod 440 /etc/sudoers.d/mailops
    visudo -c`;
}
