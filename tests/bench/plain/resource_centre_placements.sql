-- Resource centres: the first placement of a school year, followed until it ended or was last seen; moving is not returning.
WITH placed AS (
    SELECT given.* REPLACE (coalesce(now_called.pupil, given.pupil) AS pupil), spring_of(started) AS spring
    FROM resource_centre_placement AS given LEFT JOIN now_called ON old_pupil = given.pupil
),
seen AS (
    SELECT
        placed.*, starting_year(spring) AS school_year, coalesce(schools.municipality, '') AS municipality, coalesce(schools.provider, '') AS provider,
        coalesce(observed_to, max(greatest(started, ended)) OVER (PARTITION BY coalesce(schools.municipality, ''))) AS seen_to,
        coalesce(kind, 'resource_centre') = 'resource_centre' AS centre_kind,
        row_number() OVER (PARTITION BY pupil, spring ORDER BY started, centre, home_school_unit) AS number
    FROM placed
    LEFT JOIN school_in_year AS schools ON schools.school_unit = placed.home_school_unit AND schools.school_year = starting_year(placed.spring)
),
timed AS (
    SELECT
        seen.*, seen_to - started AS seen_days, (SELECT max(seen_to) FROM seen WHERE number = 1) AS anyone_to,
        CASE WHEN ended <= seen_to THEN ended - started END AS end_days, end_reason = 'returned' AS back
    FROM seen
    WHERE number = 1
),
pupils AS (
    SELECT
        timed.*, anyone_to - started AS possible, coalesce(back, FALSE) AND end_days IS NOT NULL AS returns,
        coalesce(timed.home_municipality, facts.home_municipality, '') AS home, coalesce(timed.sex, facts.sex, '') AS known_sex,
        coalesce(timed.foreign_background, facts.foreign_background) AS known_foreign, models_in_year.models,
        coalesce(timed.parents_education, facts.parents_education) AS known_education, coalesce(timed.newly_arrived, facts.newly_arrived) AS known_newly
    FROM timed
    SEMI JOIN members ON members.code = timed.municipality
    LEFT JOIN models_in_year ON models_in_year.school_unit = timed.home_school_unit AND models_in_year.school_year = timed.school_year
    LEFT JOIN facts ON facts.pupil = timed.pupil AND facts.school_year = timed.school_year
)
SELECT
    school_year AS period, municipality AS school_municipality, home AS home_municipality, provider, coalesce(stage, 'stage_unknown') AS stage,
    coalesce(models, '') AS models, known_sex AS sex, foreign_word(known_foreign) AS foreign_background,
    education_word(known_education) AS parents_education, newly_word(known_newly) AS newly_arrived,
    yes(centre_kind AND seen_days >= 182) AS resource_centre_returned_within_1_terms__denominator, yes(centre_kind AND seen_days >= 182 AND returns AND end_days <= 182) AS resource_centre_returned_within_1_terms__numerator,
    yes(centre_kind AND seen_days >= 365) AS resource_centre_returned_within_2_terms__denominator, yes(centre_kind AND seen_days >= 365 AND returns AND end_days <= 365) AS resource_centre_returned_within_2_terms__numerator,
    yes(centre_kind AND seen_days >= 730) AS resource_centre_returned_within_4_terms__denominator, yes(centre_kind AND seen_days >= 730 AND returns AND end_days <= 730) AS resource_centre_returned_within_4_terms__numerator,
    yes(centre_kind AND seen_days >= 182) AS resource_centre_still_there_after_1_terms__denominator, yes(centre_kind AND seen_days >= 182 AND coalesce(end_days, 99999) > 182) AS resource_centre_still_there_after_1_terms__numerator,
    yes(centre_kind AND seen_days >= 365) AS resource_centre_still_there_after_2_terms__denominator, yes(centre_kind AND seen_days >= 365 AND coalesce(end_days, 99999) > 365) AS resource_centre_still_there_after_2_terms__numerator,
    yes(centre_kind AND seen_days >= 730) AS resource_centre_still_there_after_4_terms__denominator, yes(centre_kind AND seen_days >= 730 AND coalesce(end_days, 99999) > 730) AS resource_centre_still_there_after_4_terms__numerator,
    yes(centre_kind AND planned_end <= seen_to) AS resource_centre_returned_as_planned__denominator, yes(centre_kind AND planned_end <= seen_to AND returns AND ended <= planned_end) AS resource_centre_returned_as_planned__numerator,
    yes(NOT centre_kind AND seen_days >= 365) AS special_group_returned_within_2_terms__denominator, yes(NOT centre_kind AND seen_days >= 365 AND returns AND end_days <= 365) AS special_group_returned_within_2_terms__numerator,
    yes(centre_kind AND possible >= 182) AS resource_centre_followed_1_terms__denominator, yes(centre_kind AND possible >= 182 AND seen_days >= 182) AS resource_centre_followed_1_terms__numerator,
    yes(centre_kind AND possible >= 365) AS resource_centre_followed_2_terms__denominator, yes(centre_kind AND possible >= 365 AND seen_days >= 365) AS resource_centre_followed_2_terms__numerator,
    yes(centre_kind AND possible >= 730) AS resource_centre_followed_4_terms__denominator, yes(centre_kind AND possible >= 730 AND seen_days >= 730) AS resource_centre_followed_4_terms__numerator,
    yes(centre_kind AND planned_end <= anyone_to) AS resource_centre_followed_to_plan__denominator, yes(centre_kind AND planned_end <= anyone_to AND planned_end <= seen_to) AS resource_centre_followed_to_plan__numerator,
    yes(NOT centre_kind AND possible >= 365) AS special_group_followed_2_terms__denominator, yes(NOT centre_kind AND possible >= 365 AND seen_days >= 365) AS special_group_followed_2_terms__numerator,
    count(*) AS contributors, min(home_school_unit) AS school_first, max(home_school_unit) AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
