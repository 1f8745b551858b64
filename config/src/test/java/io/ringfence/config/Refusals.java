package io.ringfence.config;

import static io.ringfence.config.Examples.minimalWith;
import static io.ringfence.config.Refusals.Reach.PARSER;
import static io.ringfence.config.Refusals.Reach.SCHEMA;
import static io.ringfence.config.Refusals.Reach.SYNTAX;

import java.util.stream.Stream;

/** Documents with one thing wrong each, and what an operator is told. */
final class Refusals {
    private static final String BOB = """
              - name: bob
                socket: /run/bob.sock
                network: blue
                reservation: { runtime: 100us, period: 500us }
            """;

    /** Who can see that a document is wrong. */
    enum Reach {
        /** It is no YAML document of the restricted kind we read. */
        SYNTAX,
        /** A JSON schema can see it. */
        SCHEMA,
        /** It takes the parser: arithmetic, or several values together. */
        PARSER
    }

    /**
     * A document with one thing wrong.
     *
     * @param problem a part of the one line that reports it, beginning with its position
     */
    record Refusal(Reach reach, String text, String problem) {
        @Override
        public String toString() {
            return problem;
        }
    }

    private Refusals() {}

    static Stream<Refusal> all() {
        return Stream.of(syntax(), shapes(), quantities(), texts(), references(), limits(), workers(), unserved())
                .flatMap(refusals -> refusals);
    }

    private static Stream<Refusal> syntax() {
        return Stream.of(
                new Refusal(SYNTAX, "", "1:1: found an empty file"),
                new Refusal(SYNTAX, "# nothing\n", "1:1: found an empty file"),
                new Refusal(SYNTAX, "host: [1\nvms: ]", "2:4: found expected ',' or ']', but got :"),
                new Refusal(SYNTAX, "host: \"a", "1:9: found unexpected end of stream"),
                new Refusal(SYNTAX, "host:\n\tcpus: [1]\n", "2:1: found character '\\t(TAB)'"),
                new Refusal(SYNTAX, "host:\n  a\u0000b: 1\n", "2:4: found the character U+0000"),
                new Refusal(SYNTAX, Examples.MINIMAL + "---\na: 1\n", "11:1: found a second document"),
                minimal(SYNTAX, "host:", "host: &h", "1:7: host: found the anchor `&h`; expected neither"),
                minimal(SYNTAX, "cpus: [1]", "cpus: [*h]", "2:10: host.cpus[0]: found the alias `*h`"),
                minimal(SYNTAX, "name: alice", "name: !!str alice", "6:11: vms[0].name: found the tag"),
                minimal(
                        SYNTAX,
                        "cpus: [1]",
                        "cpus: [1]\n  cpus: [1]",
                        "3:3: host: found the key `cpus` again, after line 2"),
                minimal(SYNTAX, "cpus: [1]", "cpus: [1]\n  ? [a]\n  : b", "3:5: host: found a list as a key"));
    }

    private static Stream<Refusal> shapes() {
        return Stream.of(
                new Refusal(SCHEMA, "- a\n", "1:1: found a list; expected a configuration: the keys `host`,"),
                new Refusal(SCHEMA, "hello\n", "1:1: found the text `hello`; expected a configuration"),
                minimal(SCHEMA, "  cpus: [1]\n", "", "1:6: host: found nothing; expected a host"),
                minimal(SCHEMA, "cpus: [1]", "cpus: 1", "2:9: host.cpus: found the plain number `1`; expected a list"),
                minimal(SCHEMA, "cpus: [1]", "cpus: []", "2:9: host.cpus: found an empty list"),
                minimal(SCHEMA, "cpus: [1]", "cpus: [-1]", "2:10: host.cpus[0]: found the plain number `-1`"),
                minimal(SCHEMA, "cpus: [1]", "cpus: [1.5]", "2:10: host.cpus[0]: found the plain number `1.5`"),
                minimal(SCHEMA, "cpus: [1]", "cpus: [8192]", "2:10: host.cpus[0]: found the plain number `8192`"),
                minimal(SCHEMA, "cpus: [1]", "cpus: [\"1\"]", "2:10: host.cpus[0]: found the text `1`"),
                minimal(
                        SCHEMA,
                        "cpus: [1]",
                        "cpus: [99999999999999999999]",
                        "2:10: host.cpus[0]: found the plain number `99999999999999999999`"),
                minimal(SCHEMA, "cpus: [1]", "cpus: [1, 1]", "2:13: host.cpus[1]: found `1` again, after host.cpus[0]"),
                minimal(
                        SCHEMA,
                        "cpus: [1]",
                        "cpus: [1]\n  scheduling: dedaline",
                        "3:15: host.scheduling: found the text `dedaline`; expected one of `deadline`,"
                                + " `deadline-global`, `fifo`, `other`; did you mean `deadline`?"),
                minimal(SCHEMA, "cpus: [1]", "cpus: [1]\n  scheduling:", "3:14: host.scheduling: found nothing"),
                minimal(
                        SCHEMA,
                        "cpus: [1]",
                        "cpus: [1]\n  idle: busy",
                        "3:9: host.idle: found the text `busy`; expected one of `poll`, `sleep`"),
                minimal(
                        SCHEMA,
                        "- name: blue",
                        "- blue",
                        "4:5: networks[0]: found the text `blue`; expected a network"),
                minimal(SCHEMA, "- name: blue", "- { name: blue, mtu: 67 }", "4:24: networks[0].mtu: found the plain"),
                minimal(SCHEMA, "- name: blue", "- { name: blue, mtu: 65536 }", "4:24: networks[0].mtu: found"),
                minimal(SCHEMA, "- name: blue", "- { name: blue, mtu: 70000 }", "lower it to 65535 or less"),
                minimal(SCHEMA, "- name: blue", "- { name: blue, mac-limit: 0 }", "raise it to 1 or more"),
                minimal(SCHEMA, "name: alice", "name: alice\n    queues: 9", "lower it to 8 or less"),
                minimal(
                        SCHEMA,
                        "- name: blue",
                        "- { name: blue, mtu: 0x5dc }",
                        "networks[0].mtu: found the plain number `0x5dc`"),
                minimal(SCHEMA, "    network: blue\n", "", "6:5: vms[0]: found a VM without the key `network`"),
                minimal(
                        SCHEMA,
                        "    network: blue",
                        "    netwrok: blue",
                        "8:5: vms[0]: found the unknown key `netwrok`; expected the keys `name`, `socket`, `role`,"
                                + " `network`, `mac`, `cpu`, `queues`, `workers`, `offloads`, `reservation`, `guarantee`, `reclaim`, `limit`;"
                                + " did you mean `network`?"),
                minimal(
                        SCHEMA,
                        "network: blue",
                        "network: blue\n    colour: red",
                        "found the unknown key `colour`; expected"),
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: alice\n    queues: 9",
                        "7:13: vms[0].queues: found the plain number `9`"),
                minimal(
                        SCHEMA,
                        "    reservation: { runtime: 100us, period: 500us }\n",
                        "",
                        "6:5: vms[0]: found a VM with none of `reservation`, `guarantee`; expected exactly one of them;"
                                + " add `reservation:`"),
                minimal(
                        SCHEMA,
                        ", period: 500us",
                        "",
                        "9:18: vms[0].reservation: found a reservation without the key `period`"));
    }

    private static Stream<Refusal> quantities() {
        return Stream.of(
                minimal(
                        SCHEMA,
                        "period: 500us",
                        "period: 500",
                        "9:44: vms[0].reservation.period: found the plain number `500` without a unit; expected a"
                                + " duration in ns, us, ms or s, from 100us to 4194304us; write the unit after the"
                                + " number, such as 500us"),
                minimal(SCHEMA, "period: 500us", "period: \"500\"", "found the text `500`; expected a duration"),
                minimal(SCHEMA, "period: 500us", "period: 500US", "did you mean 500us?"),
                minimal(SCHEMA, "period: 500us", "period: 500 us", "did you mean 500us?"),
                minimal(SCHEMA, "period: 500us", "period: 500usec", "write one of these units right after the number"),
                minimal(SCHEMA, "runtime: 100us", "runtime: 100\u00b5s", "did you mean 100us?"),
                minimal(
                        SCHEMA,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 1_000pps, burst: 1 }",
                        "found the text `1_000pps`; expected a packet rate in pps, kpps or Mpps, from 1pps to 1000Mpps;"
                                + " write the number in plain digits, such as 1000pps"),
                minimal(SCHEMA, "period: 500us", "period: -5us", "found the text `-5us`; expected a duration"),
                minimal(SCHEMA, "period: 500us", "period: [500us]", "found a list; expected a duration"),
                minimal(SCHEMA, "period: 500us", "period: true", "found the boolean `true`; expected a duration"),
                minimal(
                        PARSER,
                        "period: 500us",
                        "period: 99us",
                        "9:44: vms[0].reservation.period: found the text `99us`"),
                minimal(PARSER, "period: 500us", "period: 4194305us", "lower it to 4194304us or less"),
                minimal(PARSER, "period: 500us", "period: 999999999999999999s", "lower it to 4194304us or less"),
                minimal(PARSER, "runtime: 100us", "runtime: 9999ns", "raise it to 10us or more"),
                minimal(PARSER, "runtime: 100us", "runtime: 2000.5ns", "which is no whole number of ns"),
                minimal(
                        PARSER,
                        "runtime: 100us",
                        "runtime: 501us",
                        "9:29: vms[0].reservation.runtime: found 501us; expected at most the period, which is 500us"),
                minimal(
                        PARSER,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 300kpps, burst: 64 }\n    limit: { rate: 300kpps, burst: 63 }",
                        "10:36: vms[0].limit.burst: found a burst of 63; expected at least the guaranteed burst, which"
                                + " is 64 packets; raise the limit or lower the guarantee"),
                minimal(
                        PARSER,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 1kpps, burst: 64 }\n    limit: { rate: 1kpps }",
                        "10:20: vms[0].limit.rate: found 1kpps, which without a `burst` is one of 16 packets; expected"
                                + " at least the guaranteed burst, which is 64 packets; add `burst: 64`"),
                minimal(
                        PARSER,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 1kpps, burst: 64 }\n    limit: { bandwidth: 12175999bps, burst: 64 }",
                        "10:25: vms[0].limit.bandwidth: found 12175999bps; expected at least that of the guaranteed"
                                + " rate in full-size frames of 1522 bytes, which is 12176kbps; raise the limit"),
                minimal(
                        PARSER,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 300kpps, burst: 64 }\n    limit: { rate: 299999pps }",
                        "10:20: vms[0].limit.rate: found 299999pps; expected at least the guaranteed rate, which is"
                                + " 300kpps; raise the limit or lower the guarantee"),
                minimal(
                        SCHEMA,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 300kpps }",
                        "9:16: vms[0].guarantee: found a guarantee without the key `burst`"),
                minimal(
                        SCHEMA,
                        "reservation: { runtime: 100us, period: 500us }",
                        "guarantee: { rate: 300kbps, burst: 1 }",
                        "vms[0].guarantee.rate: found the text `300kbps`"),
                minimal(
                        PARSER,
                        "- name: blue",
                        "- { name: blue, ageing: 0s }",
                        "networks[0].ageing: found the text `0s`"));
    }

    private static Stream<Refusal> texts() {
        return Stream.of(
                minimal(SCHEMA, "name: alice", "name: 7", "6:11: vms[0].name: found the plain number `7`"),
                minimal(SCHEMA, "name: alice", "name: true", "put it in quotes if it is meant as text"),
                minimal(SCHEMA, "name: alice", "name: -alice", "which starts with a sign"),
                minimal(SCHEMA, "name: alice", "name: al/ice", "which has other characters"),
                minimal(SCHEMA, "name: alice", "name: \"alice\\n\"", "found the text `alice\\u{a}`, which has other"),
                minimal(SCHEMA, "name: alice", "name: \"\"", "6:11: vms[0].name: found an empty text; expected a name"),
                minimal(SCHEMA, "/run/alice.sock", "\"\"", "7:13: vms[0].socket: found an empty text; expected an"),
                new Refusal(
                        SCHEMA,
                        Examples.MINIMAL + "journal: { directory: \"\", retain: 1GiB }\n",
                        "10:23: journal.directory: found an empty text; expected the absolute path of a directory; write"
                                + " for example /var/lib/ringfence/journal"),
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: alice\n    mac: ''",
                        "7:10: vms[0].mac: found an empty text; exp"),
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: alice\n    role: ''",
                        "7:11: vms[0].role: found an empty text; exp"),
                minimal(SCHEMA, "period: 500us", "period: ''", "period: found an empty text; expected a duration"),
                minimal(SCHEMA, "name: alice", "name: " + "a".repeat(64), "which is too long"),
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: host",
                        "6:11: vms[0].name: found the text `host`, which is reserved: events and counters of Ringfence"
                                + " itself are under this name; expected a name of 1 to 63 letters, digits, `.`, `_` and"
                                + " `-` that starts with a letter or digit, other than `host`; write for example alice"),
                minimal(
                        SCHEMA,
                        "/run/alice.sock",
                        "run/alice.sock",
                        "7:13: vms[0].socket: found the text `run/alice.sock`"),
                minimal(SCHEMA, "/run/alice.sock", "/run/alice/", "which is a directory"),
                minimal(SCHEMA, "/run/alice.sock", "/", "which is a directory"),
                minimal(SCHEMA, "/run/alice.sock", "\"/run/\\0alice\"", "which has characters outside printable ASCII"),
                minimal(
                        SCHEMA,
                        "/run/alice.sock",
                        "/run/caf\u00e9.sock",
                        "which has characters outside printable ASCII"),
                minimal(SCHEMA, "/run/alice.sock", "/" + "x".repeat(107), "which is longer than 107 bytes"),
                minimal(SCHEMA, "name: alice", "name: alice\n    mac: 52:54:00:00:01", "7:10: vms[0].mac: found"),
                minimal(SCHEMA, "name: alice", "name: alice\n    mac: 53:54:00:00:00:01", "which is a multicast"),
                minimal(SCHEMA, "name: alice", "name: alice\n    mac: ff:ff:ff:ff:ff:ff", "which is a multicast"),
                minimal(SCHEMA, "name: alice", "name: alice\n    mac: 00:00:00:00:00:00", "which is all zero"));
    }

    private static Stream<Refusal> references() {
        return Stream.of(
                minimal(
                        PARSER,
                        "    network: blue",
                        "    network: bleu",
                        "8:14: vms[0].network: found `bleu`; expected the name of one of the networks; did you mean `blue`?"),
                minimal(
                        PARSER,
                        "name: alice",
                        "name: alice\n    cpu: 2",
                        "7:10: vms[0].cpu: found CPU 2; expected one of"),
                minimal(
                        PARSER,
                        "- name: blue",
                        "- name: blue\n  - name: blue",
                        "5:11: networks[1].name: found `blue`, which is also networks[0].name (line 4)"),
                new Refusal(
                        PARSER,
                        Examples.MINIMAL + BOB.replace("bob\n", "alice\n"),
                        "10:11: vms[1].name: found `alice`, which is also vms[0].name (line 6)"),
                new Refusal(
                        PARSER,
                        Examples.MINIMAL + BOB.replace("/run/bob.sock", "/run/./alice.sock"),
                        "11:13: vms[1].socket: found `/run/alice.sock`, which is also vms[0].socket (line 7)"),
                new Refusal(
                        PARSER,
                        Examples.minimalWith("name: alice", "name: alice\n    mac: 02:00:00:00:00:0a")
                                + BOB.replace("bob\n", "bob\n    mac: 02:00:00:00:00:0A\n"),
                        "12:10: vms[1].mac: found `02:00:00:00:00:0a`, which is also vms[0].mac (line 7)"));
    }

    private static Stream<Refusal> limits() {
        return Stream.of(
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: alice\n    limit: { burst: 64 }",
                        "7:12: vms[0].limit: found a limit with none of `rate`, `bandwidth`; expected at least one of"
                                + " them"),
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: alice\n    limit: { rate: 1Mpps, burst: 16385 }",
                        "7:34: vms[0].limit.burst: found the plain number `16385`; expected a number of packets"),
                minimal(
                        SCHEMA,
                        "name: alice",
                        "name: alice\n    limit: { bandwidth: 2Mpps }",
                        "7:25: vms[0].limit.bandwidth: found the text `2Mpps`"),
                minimal(
                        PARSER,
                        "name: alice",
                        "name: alice\n    limit: { bandwidth: 999bps }",
                        "7:25: vms[0].limit.bandwidth: found the text `999bps`"));
    }

    private static Stream<Refusal> workers() {
        return Stream.of(
                minimal(SCHEMA, "name: alice", "name: alice\n    workers: 0", "7:14: vms[0].workers: found"),
                minimal(SCHEMA, "name: alice", "name: alice\n    workers: 9", "7:14: vms[0].workers: found"),
                minimal(
                        PARSER,
                        "name: alice",
                        "name: alice\n    queues: 2\n    workers: 3",
                        "8:14: vms[0].workers: found 3 workers; expected at most one for each queue pair, of which `queues`"
                                + " allows 2; lower it or raise `queues`"),
                minimal(
                        PARSER,
                        "name: alice",
                        "name: alice\n    workers: 5",
                        "7:14: vms[0].workers: found 5 workers; expected at most one for each queue pair, of which `queues`"
                                + " allows 4"),
                minimal(
                        PARSER,
                        "name: alice",
                        "name: alice\n    workers: 3\n    limit: { rate: 2pps, burst: 4 }",
                        "8:20: vms[0].limit.rate: found 2pps; expected at least one packet for each of the 3 workers"),
                minimal(
                        PARSER,
                        "name: alice",
                        "name: alice\n    workers: 2\n    limit: { rate: 1kpps, burst: 1 }",
                        "8:34: vms[0].limit.burst: found a burst of 1; expected at least one packet for each"),
                minimal(
                        PARSER,
                        "    reservation: { runtime: 100us, period: 500us }",
                        "    workers: 2\n    guarantee: { rate: 10kpps, burst: 8 }",
                        "9:14: vms[0].workers: found 2 workers and a `guarantee`; expected one worker, from whose CPU time a"
                                + " guarantee is derived; use `reservation`, which each worker gets"));
    }

    private static Stream<Refusal> unserved() {
        return Stream.of(
                new Refusal(SCHEMA, "admin: { socket: /run/a }\n" + Examples.MINIMAL, "1:1: admin: found the key"));
    }

    private static Refusal minimal(Reach reach, String target, String replacement, String problem) {
        return new Refusal(reach, minimalWith(target, replacement), problem);
    }
}
