package io.ringfence.dataplane.qemu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A guest's memory and network device as arguments of {@code qemu-system-*} (qemu(1); needs QEMU 5.0 or later). */
public final class QemuArguments {
    private QemuArguments() {}

    /** Returns the arguments, options and their values in turn. */
    public static List<String> of(GuestAttachment guest, QemuVersion version) {
        String name = guest.vm().name();
        int pairs = guest.queuePairs();
        List<String> device = new ArrayList<>(List.of("virtio-net-pci", "netdev=net-" + name, "mac=" + guest.mac()));
        if (pairs > 1) {
            // One vector for each queue, one for the control queue, one for changes of the configuration.
            device.addAll(List.of("mq=on", "vectors=" + (2 * pairs + 2)));
        }
        if (guest.hasOwnMtu()) {
            device.add("host_mtu=" + guest.network().mtuBytes());
        }
        // A `,` inside a value is written twice.
        String socket = guest.vm().socket().toString().replace(",", ",,");
        return List.of(
                "-m",
                guest.memoryMebibytes() + "M",
                "-smp",
                Integer.toString(guest.vcpus()),
                "-object",
                "memory-backend-memfd,id=mem,size=" + guest.memoryMebibytes() + "M,share=on",
                "-numa",
                "node,memdev=mem",
                "-chardev",
                "socket,id=char-" + name + ",path=" + socket
                        + (guest.connects() ? "," + version.reconnect() : ",server=on,wait=off"),
                "-netdev",
                "vhost-user,id=net-" + name + ",chardev=char-" + name + (pairs > 1 ? ",queues=" + pairs : ""),
                "-device",
                String.join(",", device));
    }

    /** Returns the arguments as a shell reads them, an option a line, to be continued. */
    public static String forShell(List<String> arguments) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < arguments.size(); i += 2) {
            text.append(arguments.subList(i, i + 2).stream()
                    .map(QemuArguments::quoted)
                    .collect(Collectors.joining(" ", "  ", i + 2 < arguments.size() ? " \\\n" : "\n")));
        }
        return text.toString();
    }

    private static String quoted(String argument) {
        return argument.matches("[A-Za-z0-9_./:,=+-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
