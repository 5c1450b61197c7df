package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The original's rule, and that no name leads out of its folder. */
final class SampleIdsTest {
    @ParameterizedTest
    @CsvSource({
        "BCR__EXT-SAMPLE1__CT1-1, SAMPLE1",
        "BCR__ECT-SAMPLE1__CT1-1, SAMPLE1",
        "BCR__EXT-LON042-1__CT1-1, LON042.1",
        "A__B-C, C",
        "A__B-C-D-E__F__G, C.D.E",
        "__-X__, X"
    })
    void sample_ofAnOriginalId_isTheRestOfTheSecondField(String contigId, String sample) {
        assertThat(SampleIds.of(contigId)).isEqualTo(sample);
        assertThat(SampleIds.original().sampleOf(contigId)).isEqualTo(sample);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chr1", "A_B-C_D", "A__B__C", "A__B-__C", "A__", ""})
    void sample_ofAnotherId_isAnErrorThatNamesTheId(String contigId) {
        assertThatThrownBy(() -> SampleIds.of(contigId))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + contigId + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"A__B-../../etc__C", "A__B-x/y__C", "A__B-x\\y__C", "A__B-x\0y__C", "A__B-.__C"})
    void sample_thatWouldLeadOutOfTheFolder_isRefused(String contigId) {
        assertThatThrownBy(() -> SampleIds.of(contigId)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sample_ofTwoPoints_isRefused() {
        assertThatThrownBy(() -> SampleIds.of("A__B--__C")).hasMessageContaining("found '.'");
        assertThatThrownBy(() -> SampleIds.of("A__B---__C")).hasMessageContaining("found '..'");
        assertThatThrownBy(() -> SampleIds.fixed("..")).hasMessageContaining("found '..'");
    }

    @Test
    void sample_fixed_isThatOfEveryContig() {
        assertThat(SampleIds.fixed("S").sampleOf("anything")).isEqualTo("S");
    }

    @Test
    void sample_byPattern_isItsFirstGroupOrAllOfIt() {
        assertThat(SampleIds.pattern("^(\\w+?)_").sampleOf("GCF_1")).isEqualTo("GCF");
        assertThat(SampleIds.pattern("[A-Z]+").sampleOf("12GCF_1")).isEqualTo("GCF");
        assertThatThrownBy(() -> SampleIds.pattern("^x").sampleOf("GCF"))
                .hasMessageContaining("'GCF'")
                .hasMessageContaining("'^x'");
        assertThatThrownBy(() -> SampleIds.pattern("(")).hasMessageContaining("regular expression");
    }
}
