package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.isolation.Guest.Part;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.Role;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class AggressorTest {
    private static final Role.Stream STREAM = new Role.Stream(20_000, Testbed.LENGTH_BYTES);

    private static List<Assignment> assignments(Aggressor aggressor) {
        return aggressor.assignments(aggressor.company(), STREAM, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOOD_64, 1",
        "FLOOD_64X2, 2",
        "FLOOD_64X4, 4",
        "FLOOD_64X8, 8",
        "TSO, 1",
        "TSO_CUT, 1",
        "BOTH, 2",
        "NONE, 0"
    })
    void shouldFloodFromSoManyVms(Aggressor aggressor, int floods) {
        assertThat(assignments(aggressor).stream().filter(one -> one.role() instanceof Role.Flood))
                .hasSize(floods);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFitOneCpuAndLeaveTheVictimAsItIs(Aggressor aggressor) {
        List<Guest> guests = aggressor.company().guests();
        assertThat(guests.stream()
                        .mapToDouble(guest -> (double) guest.runtime().toNanos()
                                / guest.period().toNanos())
                        .sum())
                .isBetween(0.84, 0.8501);
        assertThat(guests.subList(0, 2)).isEqualTo(Company.MIXED.guests().subList(0, 2));
        assertThat(assignments(aggressor)).hasSameSizeAs(guests);
        assertThat(assignments(aggressor).getFirst().role()).isEqualTo(STREAM);
    }

    @Test
    void shouldPairSeveralAggressorsSoThatAPatchPanelCanJoinThemToo() {
        Company company = Aggressor.FLOOD_64X8.company();
        List<Endpoint> endpoints = company.endpoints(new Place(Path.of("/s"), 1, 0, null));
        List<Integer> ports = company.indexes(List.of(Part.VICTIM, Part.RECEIVER, Part.AGGRESSOR, Part.SINK));
        assertThat(ports).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        for (int port : ports) {
            assertThat(endpoints.get(port).peer())
                    .isEqualTo(endpoints.get(port ^ 1).mac());
        }
        assertThat(endpoints).extracting(Endpoint::mac).doesNotHaveDuplicates();
    }
}
