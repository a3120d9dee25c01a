-- Attendance: every pupil's term once, at the home school where most time was offered; days, months and terms never twice,
-- nor what was delivered at the same time under an old pseudonym and the new one.
WITH delivered AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil, given.pupil AS delivered_as, coalesce(home_school_unit, school_unit) AS school_unit,
        year(start_date) * 2 + CASE WHEN month(start_date) >= 7 THEN 1 ELSE 0 END AS term,
        CASE
            WHEN coalesce(end_date, start_date) = start_date THEN 'day' WHEN end_date - start_date < 8 THEN 'week'
            WHEN end_date - start_date < 32 THEN 'month' ELSE 'term'
        END AS length,
        coalesce(measure, 'minutes') AS measure,
        any_value(stage) AS stage, any_value(sex) AS sex, any_value(home_municipality) AS home_municipality,
        min(start_date) AS first_day, max(coalesce(end_date, start_date)) AS last_day,
        sum(offered * minutes_of(measure)) AS offered,
        sum(reported * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS reported,
        sum(attended * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS attended,
        sum(valid_absence * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS valid,
        sum(invalid_absence * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS invalid
    FROM attendance AS given LEFT JOIN now_called ON old_pupil = given.pupil
    WHERE offered > 0
    GROUP BY ALL
),
repeated AS (SELECT pupil, term FROM delivered GROUP BY ALL HAVING count(*) > 1),
apart AS (
    SELECT pupil, school_unit, term, max(stage) AS stage, max(sex) AS sex, max(home_municipality) AS home_municipality, sum(offered) AS offered, sum(reported) AS reported, sum(attended) AS attended, sum(valid) AS valid, sum(invalid) AS invalid
    FROM (
        SELECT *, row_number() OVER most AS place, first_value(first_day) OVER most AS most_from, first_value(last_day) OVER most AS most_to
        FROM delivered SEMI JOIN repeated USING (pupil, term)
        WINDOW most AS (
            PARTITION BY pupil, school_unit, term
            ORDER BY offered DESC, list_position(['day', 'week', 'month', 'term'], length) DESC, measure
        )
    )
    WHERE place = 1 OR last_day < most_from OR first_day > most_to
    GROUP BY ALL
),
terms AS (
    SELECT pupil, term, school_unit, stage, sex, home_municipality, offered, reported, attended, coalesce(valid, 0) AS valid, coalesce(invalid, 0) AS invalid
    FROM delivered ANTI JOIN repeated USING (pupil, term)
    UNION ALL
    SELECT
        pupil, term, max_by(school_unit, (offered, school_unit)), max_by(stage, (offered, school_unit)), max(sex),
        max_by(home_municipality, (offered, school_unit)), sum(offered), sum(reported), sum(attended), sum(coalesce(valid, 0)), sum(coalesce(invalid, 0))
    FROM apart
    GROUP BY pupil, term
),
-- A case that goes on is seen for two years.
met AS (
    SELECT DISTINCT
        coalesce(now_called.pupil, given.pupil) AS pupil,
        unnest(range(
            year(started) * 2 + CASE WHEN month(started) >= 7 THEN 1 ELSE 0 END,
            coalesce(year(ended) * 2 + CASE WHEN month(ended) >= 7 THEN 2 ELSE 1 END, year(started) * 2 + 5)
        )) AS term
    FROM model_participation AS given LEFT JOIN now_called ON old_pupil = given.pupil
),
named AS (
    SELECT
        term, CASE WHEN term % 2 = 1 THEN 'HT ' ELSE 'VT ' END || (term // 2) AS period, term // 2 + term % 2 AS spring,
        starting_year(term // 2 + term % 2) AS school_year,
        CASE WHEN term % 2 = 1 THEN make_date(term // 2, 12, 31) ELSE make_date(term // 2, 6, 30) END AS last_day
    FROM (SELECT DISTINCT term FROM terms)
),
-- A model's posts are shared by all pupils of its schools, wherever they live.
posts AS (
    SELECT school_unit, term, sum(posts / pupils_of_instance) AS posts_each
    FROM (
        SELECT
            school_unit, term, max(coalesce(filled_posts, planned_posts)) OVER (PARTITION BY instance, municipality, term) AS posts,
            sum(pupils) OVER (PARTITION BY instance, municipality, term) AS pupils_of_instance
        FROM collaboration_register
        JOIN (SELECT school_unit, term, count(*) AS pupils FROM terms GROUP BY ALL) USING (school_unit)
        JOIN named USING (term)
        WHERE started <= make_date(spring - 1, 9, 30) AND coalesce(ended, DATE '9999-12-31') >= make_date(spring, 5, 31)
    )
    GROUP BY ALL
),
pupils AS (
    SELECT
        terms.*, named.period, schools.municipality, schools.provider, models_in_year.models, facts.sex AS fact_sex, facts.home_municipality AS fact_home,
        facts.foreign_background, facts.parents_education, facts.newly_arrived, valid + invalid AS absent, met.pupil IS NOT NULL AS meets,
        coalesce(posts_each, 0) AS posts_each, joined_since.since <= named.last_day AS joined, coalesce(first_report <= named.last_day, FALSE) AS known,
        -- A pupil on the limit has reached it, whatever the last decimal of a sum of fractions says.
        (valid + invalid) / offered + 1e-10 AS share, invalid / offered + 1e-10 AS unexcused
    FROM terms
    JOIN named USING (term)
    JOIN school_in_year AS schools USING (school_unit, school_year)
    JOIN members ON members.code = schools.municipality
    LEFT JOIN models_in_year USING (school_unit, school_year)
    LEFT JOIN facts USING (pupil, school_year)
    LEFT JOIN met USING (pupil, term)
    LEFT JOIN posts USING (school_unit, term)
    LEFT JOIN joined_since ON joined_since.municipality = schools.municipality
    LEFT JOIN first_reports USING (pupil)
)
SELECT
    period, municipality AS school_municipality, coalesce(home_municipality, fact_home, '') AS home_municipality, provider, coalesce(stage, 'stage_unknown') AS stage,
    coalesce(models, '') AS models, coalesce(sex, fact_sex, '') AS sex, foreign_word(foreign_background) AS foreign_background,
    education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived,
    count(*) AS contributors,
    count(*) AS absence_10__d, count(*) FILTER (share >= 0.10) AS absence_10__n,
    count(*) AS absence_15__d, count(*) FILTER (share >= 0.15) AS absence_15__n,
    count(*) AS absence_20__d, count(*) FILTER (share >= 0.20) AS absence_20__n,
    count(*) AS absence_30__d, count(*) FILTER (share >= 0.30) AS absence_30__n,
    count(*) AS absence_50__d, count(*) FILTER (share >= 0.50) AS absence_50__n,
    count(*) AS unexcused_absence_5__d, count(*) FILTER (unexcused >= 0.05) AS unexcused_absence_5__n,
    count(*) AS unexcused_absence_10__d, count(*) FILTER (unexcused >= 0.10) AS unexcused_absence_10__n,
    count(*) AS unexcused_absence_20__d, count(*) FILTER (unexcused >= 0.20) AS unexcused_absence_20__n,
    count(*) AS absence_time__d, sum(absent) AS absence_time__n, sum(offered) AS absence_time__w,
    count(attended) AS attendance_time__d, sum(attended) AS attendance_time__n, sum(offered) FILTER (attended IS NOT NULL) AS attendance_time__w,
    count(reported) AS reporting_rate__d, sum(reported) AS reporting_rate__n, sum(offered) FILTER (reported IS NOT NULL) AS reporting_rate__w,
    count(*) AS covered_by_model__d, count(models) AS covered_by_model__n,
    count(*) FILTER (models IS NOT NULL AND share >= 0.20) AS target_group_reached__d,
    count(*) FILTER (models IS NOT NULL AND share >= 0.20 AND meets) AS target_group_reached__n,
    count(*) AS staff_per_1000__d, sum(posts_each) AS staff_per_1000__n, count(*) AS staff_per_1000__w,
    count(*) FILTER (joined AND known) AS absence_20_known_to_social_services__d,
    count(*) FILTER (joined AND known AND share >= 0.20) AS absence_20_known_to_social_services__n,
    count(*) FILTER (joined AND NOT known) AS absence_20_not_known_to_social_services__d,
    count(*) FILTER (joined AND NOT known AND share >= 0.20) AS absence_20_not_known_to_social_services__n
FROM pupils
GROUP BY ALL
