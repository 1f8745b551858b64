package io.ringfence.dataplane.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.DeadlineServers;
import io.ringfence.scheduler.linux.KernelVersion;
import io.ringfence.scheduler.linux.Mount;
import io.ringfence.scheduler.linux.PartitionName;
import io.ringfence.scheduler.linux.ProcFormat;
import java.io.File;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.util.Set;
import java.util.stream.Stream;

/** The rules of the house: who may know whom, and what the packet path never touches. */
@AnalyzeClasses(
        packages = "io.ringfence",
        importOptions = {ImportOption.DoNotIncludeTests.class})
class HouseRulesTest {
    private static final String CONFIG = "io.ringfence.config.";
    private static final String DATAPLANE = "io.ringfence.dataplane.";
    private static final String SCHEDULER = "io.ringfence.scheduler.";
    private static final String VHOST_USER = "io.ringfence.vhostuser.";
    private static final Set<String> BOXES = Set.of(
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.Character",
            "java.lang.Short",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Float",
            "java.lang.Double");

    private static final Set<String> PACKET_PATH_PACKAGES = Set.of(
            DATAPLANE + "delivery",
            DATAPLANE + "network",
            DATAPLANE + "offload",
            DATAPLANE + "port",
            DATAPLANE + "worker",
            VHOST_USER + "virtqueue");

    /** Of packages that are not on the packet path as a whole. */
    private static final Set<String> PACKET_PATH_CLASSES = Set.of(
            DATAPLANE + "telemetry.Counter",
            DATAPLANE + "telemetry.Highest",
            DATAPLANE + "telemetry.Latency",
            DATAPLANE + "telemetry.Stalls",
            DATAPLANE + "telemetry.Tally",
            SCHEDULER + "BudgetMeter",
            SCHEDULER + "InheritingLock",
            SCHEDULER + "MirroredServer",
            SCHEDULER + "MirroredServers",
            SCHEDULER + "NativeThread",
            SCHEDULER + "StopMargin",
            SCHEDULER + "ThreadClock",
            SCHEDULER + "linux.Futex",
            SCHEDULER + "linux.OwnServer",
            SCHEDULER + "linux.ThreadCalls",
            VHOST_USER + "event.EventCalls",
            VHOST_USER + "event.EventFd",
            VHOST_USER + "event.EventSet",
            VHOST_USER + "memory.GuestMemory");

    /** Run by the control thread, though it is in a package of the packet path. */
    private static final String CONTROL_INBOX = DATAPLANE + "worker.ControlInbox";

    /** What runs for every frame or visit. */
    private static final DescribedPredicate<JavaClass> ON_THE_PACKET_PATH =
            describe("are on the packet path", HouseRulesTest::onThePacketPath);

    private static boolean onThePacketPath(JavaClass type) {
        String outermost = type.getName().replaceFirst("[$].*", "");
        return PACKET_PATH_CLASSES.contains(outermost)
                || (PACKET_PATH_PACKAGES.contains(type.getPackageName()) && !outermost.equals(CONTROL_INBOX));
    }

    /** What decides, records and answers, on threads that are no workers. */
    private static final Set<String> CONTROL_PLANE_PACKAGES = Set.of(
            DATAPLANE + "admission",
            DATAPLANE + "audit",
            DATAPLANE + "cli",
            DATAPLANE + "control",
            DATAPLANE + "cost",
            DATAPLANE + "diagnosis",
            DATAPLANE + "doctor",
            DATAPLANE + "journal",
            DATAPLANE + "qemu",
            DATAPLANE + "reload",
            DATAPLANE + "segment",
            DATAPLANE + "warmup");

    /** A rule about what is not there would hold for ever. */
    @ArchTest
    static void shouldFindWhatTheRulesName(JavaClasses house) {
        Set<String> packages = house.stream().map(JavaClass::getPackageName).collect(toSet());
        assertThat(packages).containsAll(PACKET_PATH_PACKAGES).containsAll(CONTROL_PLANE_PACKAGES);
        assertThat(Stream.of(CONFIG, DATAPLANE, SCHEDULER, VHOST_USER))
                .allSatisfy(module -> assertThat(packages).anyMatch(room -> (room + ".").startsWith(module)));
        assertThat(house).extracting(JavaClass::getName).containsAll(PACKET_PATH_CLASSES);
        assertThat(house).extracting(JavaClass::getName).contains(CONTROL_INBOX, SCHEDULER + "linux.CpuList");
        assertThat(house.stream()
                        .filter(ON_THE_PACKET_PATH)
                        .flatMap(type -> type.getCodeUnits().stream())
                        .map(unit -> unit.getOwner().getSimpleName() + "." + unit.getName()))
                .containsAll(CONTROL_CALLS);
    }

    @ArchTest
    static final ArchRule MODULES_ON_THE_GROUND_KNOW_NOBODY_CONFIG = noClasses()
            .that()
            .resideInAPackage(CONFIG + ".")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SCHEDULER + ".", VHOST_USER + ".", DATAPLANE + ".");

    @ArchTest
    static final ArchRule MODULES_ON_THE_GROUND_KNOW_NOBODY_SCHEDULER = noClasses()
            .that()
            .resideInAPackage(SCHEDULER + ".")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CONFIG + ".", VHOST_USER + ".", DATAPLANE + ".");

    @ArchTest
    static final ArchRule MODULES_ON_THE_GROUND_KNOW_NOBODY_VHOST_USER = noClasses()
            .that()
            .resideInAPackage(VHOST_USER + ".")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CONFIG + ".", SCHEDULER + ".", DATAPLANE + ".");

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_DATAPLANE_PACKAGES =
            slices().matching(DATAPLANE + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_VHOST_USER_PACKAGES =
            slices().matching(VHOST_USER + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_CONFIG_PACKAGES =
            slices().matching(CONFIG + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_SCHEDULER_PACKAGES =
            slices().matching(SCHEDULER + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PACKET_PATH_DOES_NOT_KNOW_THE_CONTROL_PLANE = noClasses()
            .that(ON_THE_PACKET_PATH)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(Stream.concat(
                            CONTROL_PLANE_PACKAGES.stream().map(room -> room + ".."),
                            Stream.of(CONFIG + ".", "io.netty..", "picocli..", "tools.jackson.."))
                    .toArray(String[]::new));

    @ArchTest
    static final ArchRule CHRONICLE_IS_KNOWN_TO_THE_JOURNAL_ONLY = noClasses()
            .that()
            .resideOutsideOfPackage(DATAPLANE + "journal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.openhft..")
            .because("it will not run on a later JDK as it is, and must be replaceable");

    @ArchTest
    static final ArchRule PACKET_PATH_NEITHER_LOGS_NOR_LOCKS_NOR_USES_JNA = noClasses()
            .that(ON_THE_PACKET_PATH)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "org.slf4j..", "java.util.concurrent.locks..", "com.sun.jna..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.System$Logger");

    @ArchTest
    static final ArchRule PACKET_PATH_USES_STREAMS_ONLY_WHERE_IT_IS_CONFIGURED = classes()
            .that(ON_THE_PACKET_PATH)
            .should(new ArchCondition<>("call streams only when configured") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    type.getMethodCallsFromSelf().stream()
                            .filter(call ->
                                    call.getTargetOwner().getPackageName().equals("java.util.stream"))
                            .filter(call -> !CONTROL_CALLS.contains(type.getSimpleName() + "."
                                    + call.getOrigin().getName()))
                            .forEach(call -> events.add(SimpleConditionEvent.violated(call, call.getDescription())));
                }
            });

    /** Methods of packet-path classes that are called for a configuration or after a fault, not for a frame. */
    private static final Set<String> CONTROL_CALLS =
            Set.of("GuestMemory.<init>", "GuestMemory.truncated", "GuestPort.configure");

    @ArchTest
    static final ArchRule PACKET_PATH_HAS_NO_BOXED_FIELDS = fields().that()
            .areDeclaredInClassesThat(ON_THE_PACKET_PATH)
            .should(new ArchCondition<>("not be boxed") {
                @Override
                public void check(JavaField field, ConditionEvents events) {
                    if (BOXES.contains(field.getRawType().getName())) {
                        events.add(SimpleConditionEvent.violated(field, field.getDescription()));
                    }
                }
            });

    @ArchTest
    static final ArchRule PACKET_PATH_HAS_NO_SYNCHRONIZED_METHODS = classes()
            .that(ON_THE_PACKET_PATH)
            .should(new ArchCondition<>("have no synchronized methods") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    for (JavaMethod method : type.getMethods()) {
                        if (method.getModifiers().contains(JavaModifier.SYNCHRONIZED)) {
                            events.add(SimpleConditionEvent.violated(method, method.getDescription()));
                        }
                    }
                }
            });

    /** What of the scheduler's Linux knows the formats of texts, of whatever host they are. */
    private static final DescribedPredicate<JavaClass> OF_TEXTS = JavaClass.Predicates.belongToAnyOf(
            CpuList.class,
            DeadlineServers.class,
            KernelVersion.class,
            Mount.class,
            PartitionName.class,
            ProcFormat.class);

    /** What of {@link Files} changes nothing. */
    private static final Set<String> LOOKS = Set.of("newInputStream", "newDirectoryStream", "exists", "isDirectory");

    @ArchTest
    static final ArchRule DOCTOR_ONLY_LOOKS = noClasses()
            .that()
            .resideInAPackage(DATAPLANE + "doctor..")
            .should()
            .callMethodWhere(describe(
                    "changes files, or asks the kernel for more than files",
                    call -> call.getTargetOwner().isEquivalentTo(Files.class) && !LOOKS.contains(call.getName())))
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.nio.channels..",
                    "com.sun.jna..",
                    "io.ringfence.scheduler",
                    DATAPLANE + "control..",
                    DATAPLANE + "segment..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(
                    ProcessBuilder.class, Runtime.class, File.class, FileOutputStream.class, RandomAccessFile.class)
            .orShould()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.ringfence.scheduler.linux")
                    .and(DescribedPredicate.not(OF_TEXTS)))
            .orShould()
            .callMethod(PartitionName.class, "ofThisProcess", int.class);

    @ArchTest
    static final ArchRule TEXTS_ARE_OF_ANY_HOST =
            noClasses().that(OF_TEXTS).should().dependOnClassesThat().belongToAnyOf(Files.class, File.class);

    @ArchTest
    static final ArchRule CRITICAL_DOWNCALLS_ARE_USED_NOWHERE = noClasses()
            .should()
            .callMethod(Linker.Option.class, "critical", boolean.class)
            .because("a thread that blocks or is preempted there holds up every safepoint of the JVM");
}
