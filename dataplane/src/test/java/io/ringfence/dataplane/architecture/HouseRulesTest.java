package io.ringfence.dataplane.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
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

/** The rules of the house: who may know whom, and what the packet path never touches. */
@AnalyzeClasses(
        packages = "io.ringfence",
        importOptions = {ImportOption.DoNotIncludeTests.class})
class HouseRulesTest {
    private static final String DATAPLANE = "io.ringfence.dataplane.";
    private static final Set<String> BOXES = Set.of(
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.Character",
            "java.lang.Short",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Float",
            "java.lang.Double");

    /** What runs for every frame. Classes of these packages that only the control plane calls are named with the reason. */
    private static final DescribedPredicate<JavaClass> ON_THE_PACKET_PATH =
            describe("are on the packet path", HouseRulesTest::onThePacketPath);

    private static boolean onThePacketPath(JavaClass type) {
        String name = type.getName();
        String room = type.getPackageName();
        if (name.startsWith(DATAPLANE + "worker.ControlInbox") || name.startsWith(DATAPLANE + "telemetry.Counters")) {
            return false; // run by the control thread; made by it
        }
        return Set.of(
                                DATAPLANE + "delivery",
                                DATAPLANE + "network",
                                DATAPLANE + "offload",
                                DATAPLANE + "port",
                                DATAPLANE + "worker")
                        .contains(room)
                || name.equals(DATAPLANE + "telemetry.Tally")
                || room.equals("io.ringfence.vhostuser.virtqueue")
                || room.equals("io.ringfence.vhostuser.net")
                || name.equals("io.ringfence.vhostuser.memory.GuestMemory")
                || name.equals("io.ringfence.vhostuser.event.EventCalls");
    }

    @ArchTest
    static final ArchRule MODULES_ON_THE_GROUND_KNOW_NOBODY_CONFIG = noClasses()
            .that()
            .resideInAPackage("io.ringfence.config..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ringfence.scheduler..", "io.ringfence.vhostuser..", "io.ringfence.dataplane..");

    @ArchTest
    static final ArchRule MODULES_ON_THE_GROUND_KNOW_NOBODY_SCHEDULER = noClasses()
            .that()
            .resideInAPackage("io.ringfence.scheduler..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ringfence.config..", "io.ringfence.vhostuser..", "io.ringfence.dataplane..");

    @ArchTest
    static final ArchRule MODULES_ON_THE_GROUND_KNOW_NOBODY_VHOST_USER = noClasses()
            .that()
            .resideInAPackage("io.ringfence.vhostuser..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ringfence.config..", "io.ringfence.scheduler..", "io.ringfence.dataplane..");

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_DATAPLANE_PACKAGES =
            slices().matching("io.ringfence.dataplane.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_VHOST_USER_PACKAGES =
            slices().matching("io.ringfence.vhostuser.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_CONFIG_PACKAGES =
            slices().matching("io.ringfence.config.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_CIRCLES_OF_SCHEDULER_PACKAGES =
            slices().matching("io.ringfence.scheduler.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PACKET_PATH_DOES_NOT_KNOW_THE_CONTROL_PLANE = noClasses()
            .that(ON_THE_PACKET_PATH)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    DATAPLANE + "control..",
                    DATAPLANE + "cli..",
                    DATAPLANE + "audit..",
                    DATAPLANE + "journal..",
                    "io.netty..",
                    "picocli..",
                    "tools.jackson..");

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
                    "java.nio.channels..", "com.sun.jna..", "io.ringfence.scheduler", DATAPLANE + "control..")
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
