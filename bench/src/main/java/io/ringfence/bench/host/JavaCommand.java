package io.ringfence.bench.host;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of another JVM like this one: same Java, same options, same class path. */
public final class JavaCommand {
    private JavaCommand() {}

    /**
     * Returns the command line.
     *
     * @param options in addition to those of this JVM, of which they override what they repeat
     * @param mainClass its name
     */
    public static List<String> of(List<String> options, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // But not its agents, its debugger and files that it writes.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.matches("-(javaagent|agentlib|agentpath|Xrunjdwp|XX:AOTCacheOutput).*"))
                .forEach(command::add);
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return command;
    }
}
