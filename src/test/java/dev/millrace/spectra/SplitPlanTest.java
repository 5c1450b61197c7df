package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.build.SplitRatios;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SplitPlanTest {
    @Test
    void of_sameSeed_isTheSameAndAnotherSeedIsNot() {
        List<SplitPlan.Member> members = members(1000);
        Map<Long, SplitPlan.Place> plan =
                SplitPlan.of(members, SplitRatios.defaults(), 42).places();
        List<SplitPlan.Member> shuffled = new ArrayList<>(members);
        Collections.shuffle(shuffled, new Random(1));
        assertThat(SplitPlan.of(shuffled, SplitRatios.defaults(), 42).places()).isEqualTo(plan);
        assertThat(SplitPlan.of(members, SplitRatios.defaults(), 43).places()).isNotEqualTo(plan);
    }

    @Test
    void of_ratios_areMetAndEveryMemberIsPlacedOnce() {
        for (int count : new int[] {10, 100, 1000}) {
            Map<String, long[]> ids =
                    SplitPlan.of(members(count), SplitRatios.defaults(), 7).ids();
            assertThat(ids.keySet()).containsExactly("train", "val", "test");
            assertThat(ids.get("train")).hasSizeBetween((int) (0.78 * count), (int) (0.85 * count));
            assertThat(ids.get("val")).hasSizeGreaterThanOrEqualTo(count / 20).isSorted();
            assertThat(ids.get("test")).hasSizeGreaterThanOrEqualTo(count / 20);
            assertThat(ids.values().stream().mapToInt(part -> part.length).sum())
                    .isEqualTo(count);
        }
    }

    @Test
    void of_sharedConnectivity_neverCrossesSplits() {
        List<SplitPlan.Member> members = members(2000);
        Map<Long, SplitPlan.Place> places =
                SplitPlan.of(members, SplitRatios.defaults(), 3).places();
        Map<String, List<String>> byBlock = members.stream()
                .filter(member -> member.inchiKey() != null)
                .collect(Collectors.groupingBy(
                        member -> member.inchiKey().substring(0, 14),
                        Collectors.mapping(member -> places.get(member.id()).split(), Collectors.toList())));
        assertThat(byBlock.values()).allSatisfy(splits -> assertThat(splits).containsOnly(splits.get(0)));
        Map<String, List<String>> bySmiles = members.stream()
                .collect(Collectors.groupingBy(
                        SplitPlan.Member::smiles,
                        Collectors.mapping(member -> places.get(member.id()).split(), Collectors.toList())));
        assertThat(bySmiles.values()).allSatisfy(splits -> assertThat(splits).containsOnly(splits.get(0)));
    }

    @Test
    void of_keyMissingInOneRecord_joinsTheGroupThroughItsSmiles() {
        List<SplitPlan.Member> members = List.of(
                new SplitPlan.Member(1, "AAAAAAAAAAAAAA-BBBBBBBBSA-N", "CO"),
                new SplitPlan.Member(2, null, "CO"),
                new SplitPlan.Member(3, "not an InChIKey", "CO"),
                new SplitPlan.Member(4, "AAAAAAAAAAAAAA-CCCCCCCCSA-N", "OC"),
                new SplitPlan.Member(5, null, "CCO"));
        Map<Long, SplitPlan.Place> places =
                SplitPlan.of(members, SplitRatios.defaults(), 1).places();
        assertThat(List.of(places.get(1L), places.get(2L), places.get(3L), places.get(4L)))
                .extracting(SplitPlan.Place::group)
                .containsOnly("AAAAAAAAAAAAAA");
        assertThat(places.get(5L).group()).isEqualTo("CCO");
    }

    @Test
    void parse_notThreeSharesOfOne_isRefused() {
        assertThat(SplitRatios.parse(" 0.7, 0.15,0.15")).isEqualTo(new SplitRatios(0.7, 0.15, 0.15));
        for (String text : List.of("", "0.8", "0.8,0.1", "0.8,0.1,0.2", "a,b,c", "1.2,-0.1,-0.1", "NaN,0,1")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SplitRatios.parse(text))
                    .withMessageContaining("Split ratios");
        }
        assertThat(SplitPlan.of(members(50), new SplitRatios(1, 0, 0), 1).ids().get("train"))
                .hasSize(50);
    }

    /** Every seventh lacks its key; groups have up to three members. */
    @Test
    void extend_oneByOne_comesToTheSharesAndMovesNobody() {
        List<SplitPlan.Placed> there = new ArrayList<>();
        for (int id = 1; id <= 300; id++) {
            SplitPlan.Member member = new SplitPlan.Member(id, null, "C" + id);
            SplitPlan.Place place = SplitPlan.extend(there, List.of(member), SplitRatios.defaults(), 5)
                    .places()
                    .get((long) id);
            assertThat(place.group()).isEqualTo("C" + id);
            there.add(new SplitPlan.Placed(member, place));
        }
        assertThat(there.stream()
                        .collect(java.util.stream.Collectors.groupingBy(
                                placed -> placed.place().split(), java.util.stream.Collectors.counting())))
                .isEqualTo(Map.of("train", 240L, "val", 30L, "test", 30L));
    }

    @Test
    void extend_ofNothing_isThePlanOfABuild() {
        List<SplitPlan.Member> members = members(500);
        assertThat(SplitPlan.extend(List.of(), members, SplitRatios.defaults(), 42)
                        .places())
                .isEqualTo(SplitPlan.of(members, SplitRatios.defaults(), 42).places());
    }

    @Test
    void extend_compoundThatLinksTwoSplits_isInNone() {
        String first = "AAAAAAAAAAAAAA-BBBBBBBBSA-N";
        List<SplitPlan.Placed> there = List.of(
                new SplitPlan.Placed(
                        new SplitPlan.Member(1, first, "CO"), new SplitPlan.Place("train", "AAAAAAAAAAAAAA")),
                new SplitPlan.Placed(new SplitPlan.Member(2, null, "CCO"), new SplitPlan.Place("test", "CCO")));
        List<SplitPlan.Member> members = List.of(
                new SplitPlan.Member(3, first, "CCO"),
                new SplitPlan.Member(4, null, "CCCO"),
                new SplitPlan.Member(5, null, "CO"));
        assertThat(SplitPlan.extend(there, members, SplitRatios.defaults(), 1).places())
                .containsOnlyKeys(4L);
        assertThat(SplitPlan.extend(there, members.subList(1, 3), SplitRatios.defaults(), 1)
                        .places())
                .containsEntry(5L, new SplitPlan.Place("train", "AAAAAAAAAAAAAA"));
    }

    private static List<SplitPlan.Member> members(int count) {
        List<SplitPlan.Member> members = new ArrayList<>();
        Random random = new Random(9);
        for (long id = 1; id <= count; id++) {
            long compound = id - (id > 3 ? random.nextInt(3) : 0);
            String block = String.format("%014d", compound)
                    .chars()
                    .mapToObj(digit -> String.valueOf((char) (digit - '0' + 'A')))
                    .collect(Collectors.joining());
            members.add(new SplitPlan.Member(id, id % 7 == 0 ? null : block + "-UHFFFAOYSA-N", "C" + compound));
        }
        return members;
    }
}
