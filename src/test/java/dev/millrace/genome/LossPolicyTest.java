package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossPolicyTest {
    @ParameterizedTest
    @CsvSource({
        "UPSTREAM, ACGTNRYacgtn-@#, 111111111111111",
        "DNA_ONLY, ACGTNRYacgtn-@#, 111100011110000",
        "EVO2, ACGTNRYacgtn-@#, 111100011110000"
    })
    void encode_bases_countByPolicy(String policy, String bases, String expected) {
        assertThat(counted(policy(policy), bases, RcMode.NEVER)).isEqualTo(expected);
        assertThat(counted(policy(policy), bases, RcMode.ALWAYS))
                .isEqualTo(new StringBuilder(expected).reverse().toString());
    }

    @Test
    void encode_policiesTogether_maskWhatAnyMasks() {
        LossPolicy both = LossPolicy.DNA_ONLY.withoutLowerCase();

        assertThat(counted(both, "ACgtNnAC", RcMode.NEVER)).isEqualTo("11000011");
        assertThat(counted(LossPolicy.UPSTREAM.withoutLowerCase(), "ACgtNnAC", RcMode.NEVER))
                .isEqualTo("11001011");
    }

    @Test
    void encode_endCounts_isTheTokenAfterTheLastBaseOnly() {
        WindowFormat format = WindowFormat.builder(8)
                .optLossPolicy(LossPolicy.UPSTREAM.withEnd())
                .optTokenIds(TokenIds.of(0, null, 2, null, 4, TokenIdsTest.letters()))
                .build();
        WindowItem item = format.encode(window("AC"));

        // Padding has the number of <EOS> here, and is not predicted for it.
        assertThat(item.tokens()).containsExactly(2, 65, 67, 0, 0, 0, 0, 0);
        assertThat(item.lossMask()).containsExactly(1, 1, 1, 0, 0, 0, 0, 0);
        assertThat(item.lossTokens()).isEqualTo(3);
    }

    @Test
    void encode_allMasked_tellsThatNothingCounts() {
        WindowFormat format =
                WindowFormat.builder(16).optLossPolicy(LossPolicy.DNA_ONLY).build();

        assertThat(format.encode(window("NNNNNNNN")).lossTokens()).isZero();
        assertThat(format.encode(window("")).lossTokens()).isZero();
    }

    /* Masks worked out by hand by the rules of Evo 2: 1 counts. */
    @ParameterizedTest
    @CsvSource({
        "ATG|d__Bacteria|TCGA, 11100000000000001111",
        "|d__Bac;p__Act|ACGT, 0000000000000001111",
        // The window begins within a tag, so what is before the first bar is the tag, though it reads like bases.
        "gata|ACGTACGT, 0000011111111",
        // It ends within a tag.
        "ACGT|d__Ac, 1111000000",
        "ACGT|d, 111100",
        "ACGT|, 11110",
        "ACGTACG, 1111111",
        // No bar, but no bases either.
        "p__Acta;c__, 00000000000",
        "AC|;;p__Ca|GT|d__A|AC, 110000000001100000011"
    })
    void encode_phylogeneticTags_areMasked(String bases, String expected) {
        assertThat(counted(LossPolicy.EVO2, bases, RcMode.NEVER)).isEqualTo(expected);
        assertThat(counted(LossPolicy.EVO2, bases, RcMode.ALWAYS))
                .isEqualTo(new StringBuilder(expected).reverse().toString());
    }

    @Test
    void encode_basesBetweenBars_areNoTagFrom2048On() {
        String longBases = "ACGT".repeat(512);
        String shortBases = "ACGT".repeat(511);

        assertThat(counted(LossPolicy.EVO2, longBases + "|AC", RcMode.NEVER)).isEqualTo("1".repeat(2048) + "000");
        assertThat(counted(LossPolicy.EVO2, shortBases + "|AC", RcMode.NEVER)).isEqualTo("0".repeat(2045) + "11");
    }

    private static LossPolicy policy(String name) {
        return switch (name) {
            case "UPSTREAM" -> LossPolicy.UPSTREAM;
            case "DNA_ONLY" -> LossPolicy.DNA_ONLY;
            default -> LossPolicy.EVO2;
        };
    }

    /** For each base whether it is predicted. */
    private static String counted(LossPolicy policy, String bases, RcMode mode) {
        WindowFormat format = WindowFormat.builder(bases.length() + 2)
                .optLossPolicy(policy)
                .optReverseComplement(mode)
                .build();
        WindowItem item = format.encode(window(bases));
        StringBuilder counted = new StringBuilder();
        int sum = 0;
        for (int i = 0; i < bases.length(); i++) {
            counted.append(item.lossMask()[i] == 1 ? '1' : '0');
            sum += (int) item.lossMask()[i];
        }
        assertThat(item.lossMask()[bases.length()]).isZero();
        assertThat(item.lossTokens()).isEqualTo(sum);
        return counted.toString();
    }

    private static Window window(String bases) {
        byte[] bytes = bases.getBytes(StandardCharsets.US_ASCII);
        return new Window(0, "c", 0, bytes, 0, bytes.length, 0);
    }
}
