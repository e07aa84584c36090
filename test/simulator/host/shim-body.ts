import { join } from "node:path";
import { quoted } from "./quoted";

/** Where a machine has it; a minimal Debian and macOS do. */
const perl = "/usr/bin/perl";

/**
 * What `shim.ts` does, for perl: it is there in a twentieth of the processor time that node needs, and a supervisor asks
 * for the service's state all the time. Only Linux has the constants and the form of the address that are written out
 * here; reading them from perl's own module costs three times as much as all the rest.
 */
const program = `
my ($file, @call) = @ARGV;
my ($stream, $address) = (1, pack("S a*", 1, $file));
if ($^O ne "linux") { require Socket; ($stream, $address) = (Socket::SOCK_STREAM(), Socket::pack_sockaddr_un($file)) }
my $host;
unless (socket($host, 1, $stream, 0) && connect($host, $address)) {
  print STDERR "Failed to connect to bus: $!\\n";
  exit 1;
}
syswrite($host, join("\\0", $ENV{STAND_IN_UID} // 0, @call));
shutdown($host, 1);
local $/;
my ($code, $out, $err) = split(/\\0/, <$host> // "", 3);
exit 1 unless defined $err;
print STDOUT $out;
print STDERR $err;
exit $code;
`;

/** Lines of shell that hand a command, and the arguments of the script around them, to the socket of the host. */
export function shimBody(socketFile: string, command: string): string {
  const call = (...words: string[]) => `exec ${[...words, socketFile, command].map(quoted).join(" ")} "$@"`;
  return [
    `if [ -x ${perl} ]; then`,
    // A locale that the machine lacks would be complained of.
    "export PERL_BADLANG=0",
    call(perl, "-e", program),
    "fi",
    call(process.execPath, join(__dirname, "shim.js")),
  ].join("\n");
}
