package io.ringfence.dataplane.doctor;

import io.ringfence.scheduler.linux.DeadlineServers;
import io.ringfence.scheduler.linux.DeadlineServers.Server;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the kernel has reserved for itself on the dataplane CPUs. */
final class ServerChecks {
    /** What a server takes by default, twice: some kernels have two. */
    private static final double USUAL_SHARE = 0.1;

    private ServerChecks() {}

    static Finding fairServer(Host host) {
        DeadlineServers all = new DeadlineServers(host.files()::read);
        boolean any = false;
        int dearest = 0;
        List<Server> taking = List.of();
        for (int cpu : host.dataplaneCpus().stream().toArray()) {
            Optional<List<Server>> servers = all.of(cpu);
            if (servers.isEmpty()) {
                return all.defaults().isEmpty()
                        ? none()
                        : Finding.ok("not shown without debugfs; it takes 0.05 of each CPU by default");
            }
            any |= !servers.get().isEmpty();
            if (share(servers.get()) >= share(taking)) {
                dearest = cpu;
                taking = servers.get();
            }
        }
        return any ? told(dearest, taking) : none();
    }

    private static Finding none() {
        return Finding.ok("this kernel has none, and admits the whole rt runtime");
    }

    private static Finding told(int cpu, List<Server> servers) {
        List<Server> taking =
                servers.stream().filter(server -> server.runtimeNanos() > 0).toList();
        if (taking.isEmpty()) {
            return Finding.ok("switched off on the dataplane CPUs");
        }
        String takes = "takes " + text(share(taking)) + " of CPU " + cpu;
        if (taking.size() > 1) {
            takes += taking.stream()
                    .map(server -> server.name() + " " + text(server.share()))
                    .collect(Collectors.joining(", ", " (", ")"));
        }
        if (share(taking) <= USUAL_SHARE) {
            return Finding.ok(takes);
        }
        Server most =
                taking.stream().max(Comparator.comparingDouble(Server::share)).orElseThrow();
        return Finding.warning(
                takes + ", which no reservation can have",
                "echo " + most.periodNanos() / 20 + " > " + DeadlineServers.folder(most.name(), cpu) + "/runtime");
    }

    private static double share(List<Server> servers) {
        return servers.stream().mapToDouble(Server::share).sum();
    }

    private static String text(double share) {
        return String.format(Locale.ROOT, "%.3f", share);
    }
}
