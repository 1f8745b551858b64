package io.ringfence.dataplane.doctor;

import static io.ringfence.dataplane.doctor.Symptom.removed;
import static io.ringfence.dataplane.doctor.Symptom.written;

import io.ringfence.dataplane.doctor.Finding.Level;
import java.io.IOException;
import java.util.stream.Stream;

/** What the doctor finds when partitions cannot be made, or CPUs are in those of others. */
final class CpusetSymptoms {
    private CpusetSymptoms() {}

    static Stream<Symptom> all() {
        String mountInfo = "/proc/self/mountinfo";
        String cpusets = "/sys/fs/cgroup/cpuset";
        return Stream.of(
                written(Level.ERROR, "cpusets", "no cgroup file system", "mount -t cgroup2", mountInfo, mounts("")),
                written(
                        Level.ERROR,
                        "cpusets",
                        "version 1 at /sys/fs/cgroup/cpuset is read-only",
                        "on the host",
                        mountInfo,
                        mounts(RecordedHost.VERSION_1.replace(" rw,relatime", " ro,relatime"))),
                removed(Level.ERROR, "cpusets", "not the host's root", "on the host", cpusets + "/release_agent"),
                written(
                        Level.ERROR,
                        "cpusets",
                        "no cpuset controller",
                        "CONFIG_CPUSETS",
                        mountInfo,
                        mounts(RecordedHost.VERSION_2)),
                new Symptom("cpusets", Level.OK, "version 2 at /sys/fs/cgroup, own group /a.slice", "", host -> {
                    host.write(mountInfo, mounts(RecordedHost.VERSION_2));
                    host.write("/sys/fs/cgroup/cgroup.controllers", "cpu cpuset memory");
                    host.write("/proc/self/cgroup", "0::/a.slice\n");
                }),
                new Symptom("cpusets", Level.ERROR, "before Linux 6.7", "cgroup.procs", host -> {
                    host.write(mountInfo, mounts(RecordedHost.VERSION_2));
                    host.write("/sys/fs/cgroup/cgroup.controllers", "cpu cpuset memory");
                    host.write("/proc/self/cgroup", "0::/a.slice\n");
                    host.write("/proc/sys/kernel/osrelease", "6.6.10");
                }),
                written(
                        Level.ERROR,
                        "cpuset owners",
                        "/sys/fs/cgroup/cpuset/other has CPU 2",
                        "host.cpus",
                        cpusets + "/other/cpuset.cpus",
                        "0-2\n"),
                written(
                        Level.OK,
                        "cpuset owners",
                        "no other",
                        "",
                        cpusets + "/ringfence.housekeeping/cpuset.cpus",
                        "0-3"),
                new Symptom("cpuset owners", Level.ERROR, "vms.slice has CPUs 2, 3", "out of that cpuset", host -> {
                    host.write(mountInfo, mounts(RecordedHost.VERSION_2));
                    host.write("/sys/fs/cgroup/vms.slice/cpuset.cpus.exclusive", "2-3");
                }),
                new Symptom("cpuset owners", Level.ERROR, "vms.slice/a.scope has CPU 3", "out of that cpuset", host -> {
                    service(host);
                    exclusive(host, "/vms.slice", "3");
                    exclusive(host, "/vms.slice/a.scope", "3");
                }),
                new Symptom("cpuset owners", Level.ERROR, "other.service has CPU 3", "out of that cpuset", host -> {
                    service(host);
                    exclusive(host, "/system.slice", "2-3");
                    exclusive(host, "/system.slice/other.service", "3");
                }),
                new Symptom("cpuset owners", Level.OK, "no other cpuset", "", host -> {
                    service(host);
                    exclusive(host, "/system.slice", "2-3");
                    exclusive(host, "/system.slice/ringfence.service", "2-3");
                }),
                new Symptom("cpuset owners", Level.ERROR, "process 77, has CPUs 2, 3", "end it", host -> {
                    otherService(host);
                    host.process(77, 1234);
                }),
                new Symptom("cpuset owners", Level.OK, "none but a dead Ringfence", "", CpusetSymptoms::otherService),
                new Symptom(
                        "leftovers",
                        Level.WARNING,
                        "ringfence.77.1234.cpu2 ringfence.77.1234.cpu3",
                        "ringfence run",
                        CpusetSymptoms::otherService),
                new Symptom("cpuset owners", Level.ERROR, "/vms has CPU 2", "host.cpus", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.write(cpusets + "/vms/cpuset.cpus", "2");
                }),
                new Symptom("cpuset owners", Level.ERROR, "process 77, has CPU 3", "end it", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.process(77, 1234);
                }),
                new Symptom("cpuset owners", Level.ERROR, "process 77, has CPU 3", "end it", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/tasks", "4711\n");
                }),
                new Symptom("cpuset owners", Level.OK, "none but a dead Ringfence", "", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.process(77, 999_999);
                }),
                new Symptom("leftovers", Level.WARNING, "ringfence.77.1234.cpu3", "ringfence run", host -> {
                    host.write(cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus", "3");
                    host.process(77, 999_999);
                }),
                written(
                        Level.WARNING,
                        "leftovers",
                        "ringfence.77.1234.cpu3",
                        "ringfence run",
                        cpusets + "/ringfence.77.1234.cpu3/cpuset.cpus",
                        "3"));
    }

    private static String mounts(String line) {
        return "22 1 0:21 / /proc rw - proc proc rw\n" + line;
    }

    /** The doctor looks with the eyes of a service of systemd, on a host with version 2. */
    private static void service(RecordedHost host) throws IOException {
        host.write("/proc/self/mountinfo", mounts(RecordedHost.VERSION_2));
        host.write("/proc/self/cgroup", "0::/system.slice/ringfence.service\n");
    }

    private static void exclusive(RecordedHost host, String group, String cpus) throws IOException {
        host.write("/sys/fs/cgroup" + group + "/cpuset.cpus.exclusive", cpus + "\n");
    }

    /** What process 77, a service, has made for itself; whether it lives is left open. */
    private static void otherService(RecordedHost host) throws IOException {
        host.write("/proc/self/mountinfo", mounts(RecordedHost.VERSION_2));
        String service = "/system.slice/ringfence.service";
        exclusive(host, "/system.slice", "2-3");
        exclusive(host, service, "2-3");
        exclusive(host, service + "/ringfence.77.1234.cpu2", "2");
        exclusive(host, service + "/ringfence.77.1234.cpu3", "3");
    }
}
