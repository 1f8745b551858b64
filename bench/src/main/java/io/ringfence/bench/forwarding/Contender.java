package io.ringfence.bench.forwarding;

import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import java.time.Duration;
import java.util.List;

/** A switch that is compared. */
enum Contender {
    RINGFENCE("Ringfence") {
        @Override
        Running start(List<Vdev.VirtioUser> guests, int cpu, Hugepages memory) {
            RingfenceFile file = RingfenceFile.forCpu(cpu, MTU);
            for (Vdev.VirtioUser guest : guests) {
                String name = guest.socket().getFileName().toString().replace(".sock", "");
                file.vm(name, guest.socket(), RingfenceFile.Role.SERVER, "blue", guest.mac(), RUNTIME, PERIOD);
            }
            RingfenceProcess process = RingfenceProcess.start(file.text(), START_LIMIT);
            return new Running(process.pid(), process::close);
        }
    },
    DPDK_VHOST("DPDK vhost PMD") {
        @Override
        Running start(List<Vdev.VirtioUser> guests, int cpu, Hugepages memory) {
            List<Vdev.Vhost> ports =
                    guests.stream().map(guest -> Vdev.Vhost.at(guest.socket())).toList();
            Testpmd process = Testpmd.start(memory, cpu, ports, START_LIMIT);
            process.start();
            return new Running(process.pid(), process::close);
        }
    };

    static final Duration START_LIMIT = Duration.ofSeconds(40);
    /** So that frames of 1518 bytes, without frame check sequence, pass. */
    private static final int MTU = 1504;

    private static final Duration RUNTIME = Duration.ofNanos(440_000);
    private static final Duration PERIOD = Duration.ofMillis(1);

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    /** How reports call it. */
    String title() {
        return title;
    }

    /** Starts it for two guests, with its packet work on one CPU. */
    abstract Running start(List<Vdev.VirtioUser> guests, int cpu, Hugepages memory);

    /** One that runs until it is closed. */
    record Running(long pid, Runnable end) implements AutoCloseable {
        /** CPU time of all its threads so far. */
        long cpuNanos() {
            return ProcessCpuTime.nanos(pid);
        }

        @Override
        public void close() {
            end.run();
        }
    }
}
