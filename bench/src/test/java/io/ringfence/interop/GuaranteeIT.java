package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.config.MacAddress;
import io.ringfence.dataplane.cli.output.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guarantee as an operator comes by one: costs measured on this host, a reservation admitted, kept beside a flood. */
@RequiresPeers({})
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuaranteeIT {
    /** On some virtual machines a wake-up takes 60 us of CPU time: there Ringfence refuses the first ones, which it could not keep. */
    private static final List<Promise> PROMISES = List.of(
            new Promise(20_000, 8, 1_600, 400),
            new Promise(1_000, 20, 800, 200),
            new Promise(100, 40, 800, 200),
            new Promise(50, 80, 800, 200),
            new Promise(20, 160, 800, 200));

    /** What the victim is promised, and what its neighbours have reserved of every 8 ms: less where it needs most of the CPU. */
    private record Promise(int perSecond, int latencyMillis, int floodMicros, int otherMicros) {}

    private static final double SECONDS = 4;
    private static final Assignment NOTHING = Assignment.of(new Role.Sink());

    @TempDir
    private Path folder;

    private String yaml(Promise promise) {
        return """
                host: { cpus: [1] }
                journal: { directory: %1$s/journal, retain: 64MiB }
                networks: [ { name: blue }, { name: red } ]
                vms:
                  - { name: victim, socket: %1$s/victim.sock, network: blue,
                      guarantee: { rate: %2$dpps, burst: 8, latency: %3$dms } }
                  - { name: peer,   socket: %1$s/peer.sock,   network: blue, reservation: { runtime: %5$dus, period: 8ms } }
                  - { name: flood,  socket: %1$s/flood.sock,  network: red,  reservation: { runtime: %4$dus, period: 8ms } }
                  - { name: sink,   socket: %1$s/sink.sock,   network: red,  reservation: { runtime: %5$dus, period: 8ms } }
                """.formatted(
                folder, promise.perSecond(), promise.latencyMillis(), promise.floodMicros(), promise.otherMicros());
    }

    @Test
    void shouldKeepAMeasuredGuaranteeBesideAFlood() throws Exception {
        Path costs = folder.resolve("cost-model.json");
        // Not as exact as an operator wants it: it has to be soon done, on a machine that need not be quiet.
        // With 5 s a slow one got 330 to 400 visits of each kind instead of the 1000 that it takes.
        ringfence("calibrate", "--seconds=20", "--tolerance=1000", "--cost-model=" + costs);

        Optional<Promise> admitted = firstAdmitted(costs);
        if (admitted.isEmpty()) {
            System.out.println("THIS HOST CAN KEEP NONE OF " + PROMISES + ": only that it is told so was tested");
            return;
        }
        Promise promise = admitted.get();
        System.out.println("guarantee: " + promise);
        try (RingfenceProcess dataplane = RingfenceProcess.start(
                        Launcher.ROOT, List.of("--cost-model=" + costs), yaml(promise), Duration.ofSeconds(30));
                TrafficProcess guests = TrafficProcess.startOn(0, endpoints())) {
            Report alone = guests.run(RunPlan.of(1.5, SECONDS, List.of(stream(promise), observed(), NOTHING, NOTHING)));
            Assignment flood = Assignment.of(new Role.Flood(64));
            Report beside = guests.run(RunPlan.of(1.5, SECONDS, List.of(stream(promise), observed(), flood, NOTHING)));

            print("alone", alone);
            print("beside a flood", beside);
            assertThat(beside.from("flood").counts().sent())
                    .as("flood, a multiple of what the victim may send")
                    .isGreaterThan((long) (5 * promise.perSecond() * SECONDS));
            for (Report report : List.of(alone, beside)) {
                Report.Flow victim = report.from("victim");
                assertThat(victim.counts().received())
                        .as("frames that arrived")
                        .isEqualTo(victim.counts().sent());
                // With few frames, a generator that is often away measures none of them: then the audit alone decides.
                assertThat(victim.latencies().count())
                        .as("latencies that were measured")
                        .isGreaterThanOrEqualTo(promise.equals(PROMISES.getFirst()) ? 1 : 0);
                assertThat(victim.histogram().getValueAtPercentile(99))
                        .as("p99 of %s", victim.latencies())
                        .isLessThan(Duration.ofMillis(promise.latencyMillis()).toNanos());
            }
            assertThat(dataplane.terminate()).isZero();
        }
        List<String> verdicts = ringfence("history", "--json", "--vm=victim", "--journal=" + folder.resolve("journal"))
                .lines()
                .filter(line -> line.contains("\"type\":\"interval\"") && !line.contains("\"offeredFrames\":0,"))
                .toList();
        assertThat(verdicts).as("seconds with traffic").hasSizeGreaterThanOrEqualTo(6);
        assertThat(verdicts.stream().filter(line -> line.contains("\"verdict\":\"kept\"")))
                .as("kept; this host's own pauses may cost some, of %s", verdicts)
                .hasSizeGreaterThan(verdicts.size() / 2);
    }

    /** Those before it are refused, as what this host cannot give. */
    private Optional<Promise> firstAdmitted(Path costs) throws Exception {
        Path file = folder.resolve("ringfence.yaml");
        for (Promise promise : PROMISES) {
            Files.writeString(file, yaml(promise));
            LaunchedCommand check =
                    LaunchedCommand.byLauncher(folder, "check", "--config=" + file, "--cost-model=" + costs);
            if (check.exitCode() == 0) {
                return Optional.of(promise);
            }
            assertThat(check.exitCode()).as(check.output()).isEqualTo(ExitCode.HOST_REFUSES);
            assertThat(check.output()).contains("victim");
        }
        return Optional.empty();
    }

    /** Half of the rate. */
    private static Assignment stream(Promise promise) {
        return Assignment.of(new Role.Stream(promise.perSecond() / 2, 64)).whileObserved();
    }

    private static Assignment observed() {
        return NOTHING.whileObserved();
    }

    private static void print(String when, Report report) {
        System.out.printf("victim %s: %s%n", when, report.from("victim").latencies());
    }

    private List<Endpoint> endpoints() {
        List<String> names = List.of("victim", "peer", "flood", "sink");
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            endpoints.add(new Endpoint(names.get(i), mac(i), mac(i ^ 1), folder.resolve(names.get(i) + ".sock")));
        }
        return endpoints;
    }

    private static MacAddress mac(int station) {
        return MacAddress.parse("52:54:00:00:00:0" + (station + 1));
    }

    private String ringfence(String... arguments) throws Exception {
        LaunchedCommand command = LaunchedCommand.byLauncher(folder, arguments);
        assertThat(command.exitCode()).as(command.output()).isZero();
        return command.output();
    }
}
