package io.ringfence.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenVswitchTest {
    @Test
    void shouldAddAPortOfEachSocketsNameInTheirOrder() {
        List<String> arguments = OpenVswitch.ports(List.of(Path.of("/s/a.sock"), Path.of("/s/b.sock")), 1504, false);

        assertThat(String.join(" ", arguments))
                .isEqualTo(
                        "add-br br -- set Bridge br datapath_type=netdev fail_mode=standalone"
                                + " other_config:mac-aging-time=3600"
                                + " -- add-port br a.sock -- set Interface a.sock type=dpdkvhostuser ofport_request=1 mtu_request=1504"
                                + " -- add-port br b.sock -- set Interface b.sock type=dpdkvhostuser ofport_request=2 mtu_request=1504");
    }

    @Test
    void shouldConnectToGuestsThatListenWhereTheyHaveOffloads() {
        assertThat(OpenVswitch.ports(List.of(Path.of("/s/a.sock")), 1504, true))
                .contains("type=dpdkvhostuserclient", "options:vhost-server-path=/s/a.sock")
                .doesNotContain("type=dpdkvhostuser");
    }

    @Test
    void shouldKeepItsNetworkAndItsFilesToItself() {
        assertThat(OpenVswitch.command(Path.of("/s"), "unix:/s/db.sock"))
                .startsWith("env", "OVS_RUNDIR=/s", "OVS_LOGDIR=/s", "OVS_DBDIR=/s", "unshare", "--net")
                .contains("unix:/s/db.sock", "--unixctl=/s/vswitchd.ctl");
    }

    @ParameterizedTest
    @CsvSource({"0,0x1", "5,0x20", "63,0x8000000000000000", "95,0x800000000000000000000000"})
    void shouldNameItsCpuAloneWhateverItsNumber(int cpu, String mask) {
        assertThat(OpenVswitch.mask(cpu)).isEqualTo(mask);
        assertThat(new BigInteger(mask.substring(2), 16)).isEqualTo(BigInteger.TWO.pow(cpu));
    }

    @Test
    void shouldRefuseToPoliceToNearlyNothing() {
        assertThatThrownBy(() -> new Policing(999, 1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("999 frames/s");
    }
}
