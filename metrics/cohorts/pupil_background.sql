-- One row per pupil and school year with facts that were delivered apart from results and attendance.
SELECT
    coalesce(identity.pupil, facts.pupil) AS pupil,
    facts.school_year,
    any_value(facts.sex) AS sex,
    any_value(facts.birth_year) AS birth_year,
    any_value(facts.home_municipality) AS home_municipality,
    any_value(facts.foreign_background) AS foreign_background,
    any_value(facts.parents_education) AS parents_education,
    any_value(facts.newly_arrived) AS newly_arrived,
    any_value(facts.special_support) AS special_support
FROM background AS facts
LEFT JOIN pupil_identity AS identity
    ON identity.old_pupil = facts.pupil
GROUP BY
    coalesce(identity.pupil, facts.pupil),
    facts.school_year
