package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class QemuCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldShareMemoryAndReconnectWhenRingfenceIsTheServer() throws IOException {
        assertThat(qemu("alice", "--qemu=7.2").out().lines().map(String::strip))
                .containsExactly(
                        "-m 1024M \\",
                        "-smp 1 \\",
                        "-object memory-backend-memfd,id=mem,size=1024M,share=on \\",
                        "-numa node,memdev=mem \\",
                        "-chardev socket,id=char-alice,path=/run/rf/alice.sock,reconnect=1 \\",
                        "-netdev vhost-user,id=net-alice,chardev=char-alice \\",
                        "-device virtio-net-pci,netdev=net-alice,mac=52:54:00:00:00:01");
    }

    @Test
    void shouldSpellReconnectionAsTheVersionDoes() throws IOException {
        assertThat(qemu("alice", "--qemu=9.1").out()).contains(",reconnect=1 ");
        assertThat(qemu("alice", "--qemu=9.2").out()).contains(",reconnect-ms=1000 ");
        assertThat(qemu("alice", "--qemu=10.2.1").out()).contains(",reconnect-ms=1000 ");
        assertThat(qemu("alice", "--qemu=new").err()).contains("--qemu", "found `new`", "7.2");
    }

    @Test
    void shouldListenWhenRingfenceIsTheClient() throws IOException {
        assertThat(qemu("bob").out())
                .contains(",server=on,wait=off")
                .doesNotContain("reconnect")
                .contains("host_mtu=9000");
    }

    @Test
    void shouldAskForVectorsWhenThereAreSeveralQueuePairs() throws IOException {
        assertThat(qemu("alice", "--vcpus=8").out())
                .as("four pairs in the file, eight virtual CPUs")
                .contains("queues=4", "mq=on,vectors=10", "-smp 8");
        assertThat(qemu("alice", "--queues=2").out()).contains("queues=2", "mq=on,vectors=6");
        assertThat(qemu("alice", "--queues=5").err()).contains("--queues", "found 5", "1 to 4");
    }

    @Test
    void shouldGiveEveryVmAnAddressOfItsOwnWhenTheFileHasNone() throws IOException {
        String bob = address(qemu("bob"));

        assertThat(bob).startsWith("52:54:00:");
        assertThat(address(qemu("bob"))).as("the same at every call").isEqualTo(bob);
        assertThat(address(qemu("carol"))).isNotEqualTo(bob);
    }

    @Test
    void shouldQuoteThePathWhenAShellWouldMisreadIt() throws IOException {
        assertThat(qemu("carol", "--qemu=9.1.2").out())
                .contains("'socket,id=char-carol,path=/run/rf/it'\\''s a,,b.sock,reconnect=1'");
    }

    @Test
    void shouldExitWithTwoAndNameTheNearestWhenTheVmIsUnknown() throws IOException {
        CommandLineRun run = qemu("alcie");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("`alcie`", "did you mean `alice`?");
        assertThat(qemu("zzz").err()).contains("alice, bob, carol");
    }

    @Test
    void shouldRefuseMoreMemoryThanAGuestMayShare() throws IOException {
        assertThat(qemu("alice", "--memory=1048576").out()).contains("-m 1048576M", "size=1048576M");

        CommandLineRun more = qemu("alice", "--memory=1048577");
        assertThat(more.exitCode()).isEqualTo(2);
        assertThat(more.err()).contains("--memory", "found 1048577", "1 to 1048576");
    }

    @Test
    void shouldPrintADomainWhenAskedForLibvirt() throws Exception {
        Document alice = parse(qemu("alice", "--format=libvirt", "--vcpus=2", "--memory=512"));
        assertThat(value(alice, "/domain/memory[@unit='MiB']")).isEqualTo("512");
        assertThat(value(alice, "/domain/vcpu")).isEqualTo("2");
        assertThat(value(alice, "/domain/memoryBacking/source/@type")).isEqualTo("memfd");
        assertThat(value(alice, "/domain/memoryBacking/access/@mode")).isEqualTo("shared");
        assertThat(value(alice, "/domain/cpu/numa/cell/@memAccess")).isEqualTo("shared");
        assertThat(value(alice, "/domain/cpu/numa/cell/@cpus")).isEqualTo("0-1");
        String nic = "/domain/devices/interface[@type='vhostuser']";
        assertThat(value(alice, nic + "/mac/@address")).isEqualTo("52:54:00:00:00:01");
        assertThat(value(alice, nic + "/source[@type='unix']/@path")).isEqualTo("/run/rf/alice.sock");
        assertThat(value(alice, nic + "/source/@mode")).isEqualTo("client");
        assertThat(value(alice, nic + "/source/reconnect[@enabled='yes']/@timeout"))
                .isEqualTo("1");
        assertThat(value(alice, nic + "/model/@type")).isEqualTo("virtio");
        assertThat(value(alice, nic + "/driver/@queues")).isEqualTo("2");

        Document bob = parse(qemu("bob", "--format=libvirt"));
        assertThat(value(bob, nic + "/source/@mode")).isEqualTo("server");
        assertThat(value(bob, "count(" + nic + "/source/reconnect)")).isEqualTo("0");
        assertThat(value(bob, nic + "/mtu/@size")).isEqualTo("9000");
    }

    private static Document parse(CommandLineRun run) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(run.out().getBytes(StandardCharsets.UTF_8)));
    }

    private static String value(Document document, String path) throws Exception {
        XPath xpath = XPathFactory.newDefaultInstance().newXPath();
        return xpath.evaluate(path, document);
    }

    private static String address(CommandLineRun run) {
        return run.out().replaceAll("(?s).*mac=([0-9a-f:]+).*", "$1");
    }

    private CommandLineRun qemu(String... arguments) throws IOException {
        String file = CommandLineRun.file(
                folder,
                "host: { cpus: [0] }",
                "networks: [{ name: blue }, { name: jumbo, mtu: 9000 }]",
                "vms:",
                "  - name: alice",
                "    socket: /run/rf/alice.sock",
                "    network: blue",
                "    mac: '52:54:00:00:00:01'",
                "    reservation: { runtime: 60us, period: 200us }",
                "  - name: bob",
                "    socket: /run/rf/bob.sock",
                "    role: client",
                "    network: jumbo",
                "    reservation: { runtime: 60us, period: 200us }",
                "  - name: carol",
                "    socket: \"/run/rf/it's a,b.sock\"",
                "    network: blue",
                "    reservation: { runtime: 60us, period: 200us }");
        return CommandLineRun.of(Stream.concat(Stream.of("qemu", "--config", file), Arrays.stream(arguments))
                .toArray(String[]::new));
    }
}
